using System.Collections.Concurrent;
using System.Text.Json;
using LlmEval.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LlmEval.Tests.Outbound;

/// <summary>A request as a receiver of webhooks got it.</summary>
internal sealed record Received(string Path, string Body, IHeaderDictionary Headers)
{
    public string Id => Headers["webhook-id"].ToString();

    public JsonElement Json => JsonElement.Parse(Body);

    public string TraceId => Json.GetProperty("data").GetProperty("trace_id").GetString()!;
}

/// <summary>The other end: takes webhooks on a port of its own and answers as a test wants.</summary>
internal sealed class TestReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestReceiver(WebApplication app) => _app = app;

    /// <summary>Called for each request once it is noted; answers 200 by default.</summary>
    public Func<HttpContext, Received, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    public ConcurrentQueue<Received> Requests { get; } = [];

    public string[] TraceIds => [.. Requests.Select(r => r.TraceId)];

    public Uri Url => new(_app.Urls.Single());

    public string At(string path) => new Uri(Url, path).AbsoluteUri;

    public static async Task<TestReceiver> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        var receiver = new TestReceiver(app);
        app.Run(receiver.TakeAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public Task UntilAsync(int count) => Eventually.TrueAsync(() => Requests.Count >= count);

    private async Task TakeAsync(HttpContext context)
    {
        string body = await new StreamReader(context.Request.Body).ReadToEndAsync();
        var received = new Received(context.Request.Path, body, new HeaderDictionary(context.Request.Headers.ToDictionary()));
        Requests.Enqueue(received);
        try
        {
            await Answer(context, received);
        }
        catch (OperationCanceledException)
        {
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
