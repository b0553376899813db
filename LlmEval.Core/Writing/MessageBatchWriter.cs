namespace LlmEval.Core.Writing;

/// <summary>
/// Stores a batch in which there may be signed messages, each at most once. Usually all of it is new and is one transaction with its
/// messages. A batch in which anything was there before, or is wrong, is stored first and its messages after it, but before their
/// senders are answered: what a crash leaves in between, the sender's next attempt finds stored.
/// </summary>
public sealed class MessageBatchWriter(ITraceStore store, TraceBatchWriter batches)
{
    /// <summary>As after any repeat: see <see cref="TraceBatchWriter"/>.</summary>
    private const int LookFirstFor = 50;

    // Written by the one caller.
    private int _lookFirst;

    /// <param name="messages">Empty for traffic that is not signed, which pays nothing.</param>
    /// <inheritdoc cref="TraceBatchWriter.WriteAsync"/>
    public async Task WriteAsync(
        IReadOnlyList<PreparedTrace> traces,
        IReadOnlyList<MessageTraces> messages,
        WriteResult[] results,
        List<CommittedEvents> committed,
        CancellationToken cancel)
    {
        if (messages.Count == 0)
        {
            await batches.WriteAsync(traces, results, committed, cancel);
            return;
        }

        if (_lookFirst == 0 && AreDistinct(traces))
        {
            try
            {
                AnsweredMessage[] stored = [.. messages.Select(m => new AnsweredMessage(m.Message, new byte[m.Count]))];
                long firstId = await store.InsertAsync(traces, stored, cancel);
                Array.Fill(results, new WriteResult(WriteOutcome.Stored));
                committed.Add(new CommittedEvents(firstId, [.. traces.Select(t => t.Event)]));
                return;
            }
            catch (Exception e) when (e is TraceExistsException or UnstorableException)
            {
                _lookFirst = LookFirstFor;
            }
        }

        _lookFirst = Math.Max(0, _lookFirst - 1);
        await WriteNewAsync(traces, messages, results, committed, cancel);
    }

    private async Task WriteNewAsync(
        IReadOnlyList<PreparedTrace> traces,
        IReadOnlyList<MessageTraces> messages,
        WriteResult[] results,
        List<CommittedEvents> committed,
        CancellationToken cancel)
    {
        byte[]?[] known = await store.FindMessagesAsync([.. messages.Select(m => m.Message)], cancel);
        var fresh = new List<MessageTraces>(messages.Count);
        bool[] answered = new bool[traces.Count];
        for (int i = 0; i < messages.Count; i++)
        {
            MessageTraces message = messages[i];
            if (known[i] is not { } outcomes || outcomes.Length != message.Count)
            {
                fresh.Add(message);
                continue;
            }

            for (int at = 0; at < outcomes.Length; at++)
            {
                answered[message.First + at] = true;
                results[message.First + at] = new WriteResult(Repeated((WriteOutcome)outcomes[at]));
            }
        }

        int[] open = [.. Enumerable.Range(0, traces.Count).Where(i => !answered[i])];
        var openResults = new WriteResult[open.Length];
        await batches.WriteAsync([.. open.Select(i => traces[i])], openResults, committed, cancel);
        for (int i = 0; i < open.Length; i++)
        {
            results[open[i]] = openResults[i];
        }

        if (fresh.Count > 0)
        {
            await store.InsertMessagesAsync([.. fresh.Select(m => new AnsweredMessage(m.Message, OutcomesOf(results, m)))], cancel);
        }
    }

    private static WriteOutcome Repeated(WriteOutcome first) => first == WriteOutcome.Stored ? WriteOutcome.SameStored : first;

    private static byte[] OutcomesOf(WriteResult[] results, MessageTraces message) =>
        Array.ConvertAll(results[message.First..(message.First + message.Count)], r => (byte)r.Outcome);

    private static bool AreDistinct(IReadOnlyList<PreparedTrace> traces)
    {
        var seen = new HashSet<TraceKey>(traces.Count);
        return traces.All(t => seen.Add(t.Key));
    }
}
