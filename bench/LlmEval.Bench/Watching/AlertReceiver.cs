using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LlmEval.Bench.Watching;

/// <summary>Takes webhooks, and takes only those that are signed as Standard Webhooks has it.</summary>
internal sealed class AlertReceiver : IAsyncDisposable
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private readonly WebApplication _app;
    private readonly Sightings _sightings;
    private readonly ConcurrentDictionary<string, byte> _ids = [];
    private byte[]? _secret;
    private int _taken;

    private AlertReceiver(WebApplication app, Sightings sightings)
    {
        _app = app;
        _sightings = sightings;
    }

    public Uri Url => new(_app.Urls.Single());

    /// <summary>Messages whose signature was right, those that came again left out.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>As the server gave it out; set it before the first message.</summary>
    public string Secret
    {
        set => Volatile.Write(ref _secret, Convert.FromBase64String(value["whsec_".Length..]));
    }

    public static async Task<AlertReceiver> StartAsync(Sightings sightings, CancellationToken cancel)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        var receiver = new AlertReceiver(app, sightings);
        app.Run(receiver.TakeAsync);
        await app.StartAsync(cancel);
        return receiver;
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        byte[] body = buffer.ToArray();
        string id = context.Request.Headers["webhook-id"].ToString();
        string time = context.Request.Headers["webhook-timestamp"].ToString();
        if (!IsSigned(id, time, context.Request.Headers["webhook-signature"].ToString(), body))
        {
            _sightings.Fail($"message {id} is not signed as it should be");
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        if (_ids.TryAdd(id, 0))
        {
            Interlocked.Increment(ref _taken);
            using JsonDocument message = JsonDocument.Parse(body);
            AlertFrame.Take(message.RootElement, Place.Receiver, _sightings);
        }
    }

    private bool IsSigned(string id, string time, string signatures, byte[] body)
    {
        if (Volatile.Read(ref _secret) is not { } secret || !long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds))
        {
            return false;
        }

        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{time}."), .. body];
        string right = "v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, signed));
        return signatures.Split(' ').Contains(right)
            && (DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() < Tolerance;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
