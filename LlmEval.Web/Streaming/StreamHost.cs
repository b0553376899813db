using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Web.Access;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Streaming;

/// <summary>Runs the streams that follow the event log: begins them, feeds them until they end, and ends them cleanly.</summary>
internal sealed class StreamHost(
    EventFeed feed,
    EventHub hub,
    EventLog log,
    StorageReadiness readiness,
    IOptions<EventOptions> options,
    IHostApplicationLifetime lifetime,
    ReaderMetrics readers,
    RightsWatch rights,
    EventNotices notices,
    TimeProvider time)
{
    /// <summary>What browsers wait before they connect again.</summary>
    public static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    public TimeSpan Heartbeat => TimeSpan.FromSeconds(options.Value.HeartbeatSeconds);

    /// <param name="readFirst">Reads the event that comes between <c>connected</c> and the others; null for none.</param>
    public Task RunAsync(
        HttpContext context, StreamKind kind, string clientId, EventFilter filter, Func<StreamPosition, CancellationToken, Task<ReadOnlyMemory<byte>?>>? readFirst = null) =>
        RunUntilEndAsync(context, kind, async (stream, end) =>
        {
            StreamPosition position = await StreamPosition.OfAsync(context.Request, hub, log, end);
            using EventReader reader = feed.OpenAfter(position.After, filter);

            // Before anything is written: a database that is away is then answered as such.
            ReadOnlyMemory<byte>? first = readFirst is null ? null : await readFirst(position, end);
            stream.WriteRetry(Retry);
            stream.WriteEvent(position.After, StreamEnvelope.Connected(clientId, time.UtcNow()).Span);
            if (position.ResetReason is { } reason)
            {
                stream.WriteEvent(position.After, StreamEnvelope.Reset(reason, position.Oldest, position.After, time.UtcNow()).Span);
            }

            if (first is { } json)
            {
                stream.WriteEvent(position.After, json.Span);
            }

            await stream.FlushAsync();
            await new StreamFollower(stream, reader, filter, notices, Heartbeat / 2, time).RunAsync(end);
        });

    /// <summary>Runs a stream of any kind; its ordinary ends are not errors.</summary>
    public async Task RunUntilEndAsync(HttpContext context, StreamKind kind, Func<EventStream, CancellationToken, Task> run)
    {
        readiness.ThrowIfNotReady();
        using IDisposable open = readers.EnterStream(kind);
        using CancellationTokenSource? limit = Caller.Of(context).Until is { } until ? new CancellationTokenSource(Left(until), time) : null;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping, limit?.Token ?? default);
        Task watching = rights.WatchAsync(Caller.Of(context), Rights.Read, end);
        EventStream stream = EventStream.Begin(context, time, options.Value, end.Token);
        try
        {
            // A stream waits for the task that all share: its own end has to wake it, or it would be counted until the next heartbeat.
            await using CancellationTokenRegistration waking = end.Token.UnsafeRegister(static hub => ((EventHub)hub!).WakeToEnd(), hub);
            await hub.Started.WaitAsync(end.Token);
            await run(stream, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The peer left, its rights ended, or the process stops: the response just ends.
        }
        catch (StalledPeerException)
        {
            context.Abort();
        }
        finally
        {
            await end.CancelAsync();
            await watching;
        }
    }

    private TimeSpan Left(DateTime until) => until - time.UtcNow() is { Ticks: > 0 } left ? left : TimeSpan.Zero;
}
