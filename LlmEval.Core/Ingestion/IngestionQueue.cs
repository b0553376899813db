using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Core.Writing;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Ingestion;

/// <summary>
/// What waits to be stored: many requests put in, one writer takes out, first come first served. Bounded in traces and in bytes;
/// a full queue says so at once.
/// </summary>
public sealed class IngestionQueue(IOptions<IngestionOptions> options, TimeProvider time)
{
    private static readonly IngestReceipt Full = new(IngestFailure.Full, [], []);
    private static readonly IngestReceipt Closed = new(IngestFailure.Unavailable, [], []);

    // Unbounded itself: the counters below bound it, in two measures.
    private readonly Channel<IngestRequest> _requests = Channel.CreateUnbounded<IngestRequest>(new() { SingleReader = true });

    // Any thread.
    private long _traces;
    private long _bytes;

    /// <summary>Traces that wait for their commit now.</summary>
    public long Depth => Volatile.Read(ref _traces);

    /// <summary>Their bytes.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <inheritdoc cref="SubmitAsync(IReadOnlyList{NewTrace}, SignedMessage?, CancellationToken)"/>
    public ValueTask<IngestReceipt> SubmitAsync(IReadOnlyList<NewTrace> traces, CancellationToken cancel) => SubmitAsync(traces, null, cancel);

    /// <summary>Stores traces and answers after the commit that holds them.</summary>
    /// <param name="message">That they came in; sent again, it is answered as the first time and does nothing.</param>
    /// <returns>An answer for every trace, or that nothing can be said; never an exception for what the database does.</returns>
    public ValueTask<IngestReceipt> SubmitAsync(IReadOnlyList<NewTrace> traces, SignedMessage? message, CancellationToken cancel)
    {
        if (traces.Count == 0)
        {
            return ValueTask.FromResult(new IngestReceipt(IngestFailure.None, [], []));
        }

        long bytes = 0;
        foreach (NewTrace trace in traces)
        {
            bytes += trace.Bytes;
        }

        if (!Reserve(traces.Count, bytes))
        {
            return ValueTask.FromResult(Full);
        }

        // Here, on the caller's thread, rather than on the one writer's.
        DateTime now = time.UtcNow();
        var prepared = new PreparedTrace[traces.Count];
        for (int i = 0; i < prepared.Length; i++)
        {
            prepared[i] = Prepare(traces[i], now);
        }

        var request = new IngestRequest(prepared, message, bytes, time.GetTimestamp());
        if (!_requests.Writer.TryWrite(request))
        {
            Release(request);
            return ValueTask.FromResult(Closed);
        }

        // The cancellation of a caller changes nothing: what it submitted is stored all the same.
        return request.Answer;
    }

    internal ValueTask<bool> WaitAsync(CancellationToken cancel) => _requests.Reader.WaitToReadAsync(cancel);

    internal bool TryTake([NotNullWhen(true)] out IngestRequest? request) => _requests.Reader.TryRead(out request);

    internal bool TryPeek([NotNullWhen(true)] out IngestRequest? request) => _requests.Reader.TryPeek(out request);

    /// <summary>Makes room: a request has its answer.</summary>
    internal void Release(IngestRequest request)
    {
        Interlocked.Add(ref _traces, -request.Traces.Length);
        Interlocked.Add(ref _bytes, -request.Bytes);
    }

    /// <summary>From now on submissions are refused; what waits can still be taken.</summary>
    internal void Close() => _requests.Writer.TryComplete();

    private bool Reserve(int traces, long bytes)
    {
        // A queue that is empty takes anything that the size limits let through.
        long tracesNow = Interlocked.Add(ref _traces, traces);
        long bytesNow = Interlocked.Add(ref _bytes, bytes);
        bool fits = tracesNow <= options.Value.QueueTraces && bytesNow <= options.Value.QueueBytes;
        if (!fits && tracesNow > traces)
        {
            Interlocked.Add(ref _traces, -traces);
            Interlocked.Add(ref _bytes, -bytes);
            return false;
        }

        return true;
    }

    private static PreparedTrace Prepare(NewTrace trace, DateTime now) => new(
        trace.Trace,
        TraceEvents.New(trace.Trace, now),
        trace.History.Count == 0 ? [] : [.. trace.History.Select(entry => Restore(trace.Trace, entry))]);

    private static Evaluation Restore(Trace trace, RestoredEvaluation entry) => new()
    {
        ProjectId = trace.ProjectId,
        TraceId = trace.TraceId,
        Status = entry.Status,
        PreviousStatus = entry.PreviousStatus,
        Version = entry.Version,
        CreatedAt = entry.CreatedAt,
        Evaluator = entry.Evaluator,
        Reason = entry.Reason,
        Notes = entry.Notes,
        Tags = entry.Tags,
        CorrectedResponse = entry.CorrectedResponse,
        Undoes = entry.Undoes,
    };
}
