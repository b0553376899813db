using System.Threading.Tasks.Sources;
using LlmEval.Core.Writing;

namespace LlmEval.Core.Ingestion;

/// <summary>The traces of one submission, waiting for the commit that answers it. Never split over two transactions' answers.</summary>
internal sealed class IngestRequest(PreparedTrace[] traces, SignedMessage? message, long bytes, long queuedAt) : IValueTaskSource<IngestReceipt>
{
    // Continuations run on the pool: the writer must not run its callers' code.
    private ManualResetValueTaskSourceCore<IngestReceipt> _answer = new() { RunContinuationsAsynchronously = true };

    public PreparedTrace[] Traces => traces;

    /// <summary>That they came in; null when it was not signed under an id.</summary>
    public SignedMessage? Message => message;

    public long Bytes => bytes;

    /// <summary>A timestamp of the time provider.</summary>
    public long QueuedAt => queuedAt;

    public ValueTask<IngestReceipt> Answer => new(this, _answer.Version);

    public void Complete(IngestReceipt receipt) => _answer.SetResult(receipt);

    IngestReceipt IValueTaskSource<IngestReceipt>.GetResult(short token) => _answer.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<IngestReceipt>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<IngestReceipt>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);
}
