namespace LlmEval.Core.Writing;

/// <summary>
/// The transactions that write traces. Each holds the change, the figures and the events together. They lock in one order
/// (traces by id, figures, the event counter last) and reach the database in one round trip, so that a process that stalls
/// cannot hold the counter.
/// </summary>
public interface ITraceStore
{
    /// <summary>Stores traces that are all new, in order, with distinct keys.</summary>
    /// <returns>The id of the first one's event; the others follow.</returns>
    /// <exception cref="TraceExistsException">At least one, or one of the messages, is there already; nothing was stored.</exception>
    /// <exception cref="UnstorableException">A value cannot be held; nothing was stored.</exception>
    Task<long> InsertAsync(IReadOnlyList<PreparedTrace> traces, CancellationToken cancel) => InsertAsync(traces, [], cancel);

    /// <summary>Stores traces that are all new, with the signed messages that they came in.</summary>
    /// <inheritdoc cref="InsertAsync(IReadOnlyList{PreparedTrace}, CancellationToken)"/>
    Task<long> InsertAsync(IReadOnlyList<PreparedTrace> traces, IReadOnlyList<AnsweredMessage> messages, CancellationToken cancel);

    /// <summary>What became of the traces of messages that were stored before.</summary>
    /// <returns>By position; null for one that is new.</returns>
    Task<byte[]?[]> FindMessagesAsync(IReadOnlyList<SignedMessage> messages, CancellationToken cancel);

    /// <summary>Stores messages whose traces are stored; one that is there stays as it is.</summary>
    Task InsertMessagesAsync(IReadOnlyList<AnsweredMessage> messages, CancellationToken cancel);

    /// <summary>The content hashes of those that are stored.</summary>
    Task<Dictionary<TraceKey, byte[]>> FindHashesAsync(IReadOnlyList<TraceKey> keys, CancellationToken cancel);

    /// <returns>The id of the event; null when the trace is no longer as it was read.</returns>
    /// <exception cref="UnstorableException">A value cannot be held; nothing was changed.</exception>
    /// <exception cref="Storage.OutcomeUnknownException">The database went away, and nobody knows whether it was changed.</exception>
    Task<long?> ApplyAsync(TraceChange change, CancellationToken cancel);
}

/// <summary>A batch that was taken for new is not; nothing of it was stored.</summary>
public sealed class TraceExistsException() : Exception("A trace of the batch is stored already.");

/// <summary>The database cannot hold a value: the row's fault, not the database's.</summary>
public sealed class UnstorableException(string reason, Exception inner) : Exception(reason, inner);
