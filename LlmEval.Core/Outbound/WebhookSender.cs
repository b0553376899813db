using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using LlmEval.Core.Primitives;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Outbound;

/// <summary>What became of one attempt.</summary>
/// <param name="DurationMs">Null when nothing was sent, because it may not go there.</param>
/// <param name="Fault">Why there was no answer, for the person who set the address up.</param>
/// <param name="RetryAfter">How long the receiver asks us to wait.</param>
public sealed record AttemptResult(int? StatusCode, int? DurationMs, string? Answer, string? Fault, TimeSpan? RetryAfter)
{
    public bool IsDelivered => StatusCode is >= 200 and < 300;

    /// <summary>The receiver wants no more of it, ever.</summary>
    public bool IsGone => StatusCode == (int)HttpStatusCode.Gone;
}

/// <summary>
/// Posts one message. Follows no redirect, asks no proxy of the environment, takes no cookie, reads the beginning of the answer and
/// hangs up; connects only where the guard lets it.
/// </summary>
public sealed class WebhookSender : IDisposable
{
    private const int AnswerBytes = 1_024;
    private const int FaultCharacters = 1_000;

    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly HttpClient _http;

    public WebhookSender(AddressGuard guard, IOptions<OutboundOptions> options, TimeProvider time)
    {
        _time = time;
        _timeout = TimeSpan.FromSeconds(options.Value.TimeoutSeconds);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseDrainSize = 0,
            MaxResponseHeadersLength = 32,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
            ConnectCallback = guard.ConnectAsync,
        })
        {
            // The limit is ours, by our clock, and holds for the answer's body too.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("LlmEval", "1"));
    }

    public async Task<AttemptResult> SendAsync(Subscription to, Delivery delivery, CancellationToken cancel)
    {
        byte[] body = MessageBody.Of(delivery, to.Format);
        DateTime now = _time.UtcNow();
        long seconds = new DateTimeOffset(now).ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, to.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("webhook-id", delivery.MessageId);
        request.Headers.Add("webhook-timestamp", seconds.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", DeliverySignature.Of(to.SecretsAt(now), delivery.MessageId, seconds, body));

        long began = _time.GetTimestamp();
        using var patience = new CancellationTokenSource(_timeout, _time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        try
        {
            using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            string text = await ReadBeginningAsync(answer.Content, limit.Token);
            return new AttemptResult((int)answer.StatusCode, Elapsed(began), text, Fault: null, RetryAfterOf(answer));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Failed(Elapsed(began), $"no answer within {_timeout.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            Exception reason = Innermost(e);
            return reason is RefusedAddressException ? Failed(null, reason.Message) : Failed(Elapsed(began), reason.Message);
        }
    }

    private static AttemptResult Failed(int? durationMs, string fault) => new(null, durationMs, null, Tidy(fault), null);

    /// <summary>A fault may quote what the receiver sent instead of HTTP: any bytes, and many. PostgreSQL holds no U+0000.</summary>
    private static string Tidy(string fault) =>
        string.Concat(fault.Take(FaultCharacters).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));

    private int Elapsed(long began) => (int)_time.GetElapsedTime(began).TotalMilliseconds;

    private TimeSpan? RetryAfterOf(HttpResponseMessage answer) => answer.Headers.RetryAfter switch
    {
        { Delta: { } wait } => wait,
        { Date: { } date } => date - _time.GetUtcNow(),
        _ => null,
    };

    /// <summary>What came of the answer's body in time; the status counts without it.</summary>
    private static async Task<string> ReadBeginningAsync(HttpContent content, CancellationToken limit)
    {
        byte[] buffer = new byte[AnswerBytes];
        int length = 0;
        try
        {
            await using Stream stream = await content.ReadAsStreamAsync(limit);
            int read;
            do
            {
                read = await stream.ReadAsync(buffer.AsMemory(length), limit);
                length += read;
            }
            while (read > 0 && length < AnswerBytes);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
        }

        // PostgreSQL holds no U+0000.
        return Encoding.UTF8.GetString(buffer, 0, length).Replace('\0', '\uFFFD');
    }

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;

    public void Dispose() => _http.Dispose();
}
