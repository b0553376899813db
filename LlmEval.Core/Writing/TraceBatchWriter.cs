using LlmEval.Core.Events;

namespace LlmEval.Core.Writing;

/// <summary>What became of one trace of a batch.</summary>
public enum WriteOutcome : byte
{
    Stored,
    SameStored,
    OtherStored,
    Unstorable,
}

/// <param name="Reason">For <see cref="WriteOutcome.Unstorable"/>, what could not be held.</param>
public readonly record struct WriteResult(WriteOutcome Outcome, string? Reason = null);

/// <summary>Events that a batch committed, to be published once every caller has its answer.</summary>
public readonly record struct CommittedEvents(long FirstId, IReadOnlyList<PendingEvent> Events);

/// <summary>
/// Stores a batch in which anything may be wrong. The common case, all new, is one transaction. Repeats are told from conflicts by
/// their hashes; when the database refuses a value the batch is halved until the culprit stands alone.
/// </summary>
public sealed class TraceBatchWriter(ITraceStore store)
{
    /// <summary>
    /// After a repeat it is cheaper to look first: an insert that fails on one has done its work for nothing.
    /// </summary>
    private const int LookFirstFor = 50;

    /// <summary>Looks that found nothing between inserts that fail. Others may store and delete the same trace meanwhile, but not for long.</summary>
    private const int MostInVain = 5;

    // Written by the one caller; a lost update would only cost a round trip.
    private int _lookFirst;

    /// <param name="results">By position; filled in as transactions commit.</param>
    /// <param name="committed">Gets the events of each transaction, in order.</param>
    public async Task WriteAsync(
        IReadOnlyList<PreparedTrace> traces, WriteResult[] results, List<CommittedEvents> committed, CancellationToken cancel)
    {
        // One id twice in a batch is like twice in a row: each further appearance has its own round.
        IReadOnlyList<int> round = [.. Enumerable.Range(0, traces.Count)];
        var seen = new HashSet<TraceKey>(traces.Count);
        while (round.Count > 0)
        {
            seen.Clear();
            var now = new List<int>(round.Count);
            var later = new List<int>();
            foreach (int i in round)
            {
                (seen.Add(traces[i].Key) ? now : later).Add(i);
            }

            await WriteDistinctAsync(traces, now, results, committed, cancel);
            _lookFirst = later.Count > 0 ? LookFirstFor : _lookFirst;
            round = later;
        }
    }

    private async Task WriteDistinctAsync(
        IReadOnlyList<PreparedTrace> traces, List<int> open, WriteResult[] results, List<CommittedEvents> committed, CancellationToken cancel)
    {
        bool look = _lookFirst > 0;
        int inVain = 0;
        while (true)
        {
            if (look)
            {
                int before = open.Count;
                open = await RemoveStoredAsync(traces, open, results, cancel);
                inVain = open.Count < before ? 0 : inVain + 1;
            }

            if (open.Count == 0)
            {
                return;
            }

            PreparedTrace[] batch = [.. open.Select(i => traces[i])];
            try
            {
                long firstId = await store.InsertAsync(batch, cancel);
                foreach (int i in open)
                {
                    results[i] = new WriteResult(WriteOutcome.Stored);
                }

                committed.Add(new CommittedEvents(firstId, Array.ConvertAll(batch, t => t.Event)));
                _lookFirst = Math.Max(0, _lookFirst - 1);
                return;
            }
            catch (TraceExistsException e) when (inVain >= MostInVain)
            {
                throw new InvalidOperationException(
                    "The database says that something exists already, and none of these traces does. After a restore, run deploy/after-restore.sql.", e);
            }
            catch (TraceExistsException)
            {
                // Somebody stored one of them between our look and our insert, or we did not look: look (again).
                _lookFirst = LookFirstFor;
                look = true;
            }
            catch (UnstorableException e) when (open.Count == 1)
            {
                results[open[0]] = new WriteResult(WriteOutcome.Unstorable, e.Message);
                return;
            }
            catch (UnstorableException)
            {
                int half = open.Count / 2;
                await WriteDistinctAsync(traces, open[..half], results, committed, cancel);
                open = open[half..];
            }
        }
    }

    private async Task<List<int>> RemoveStoredAsync(
        IReadOnlyList<PreparedTrace> traces, List<int> open, WriteResult[] results, CancellationToken cancel)
    {
        Dictionary<TraceKey, byte[]> stored = await store.FindHashesAsync([.. open.Select(i => traces[i].Key)], cancel);
        if (stored.Count == 0)
        {
            return open;
        }

        _lookFirst = LookFirstFor;
        var left = new List<int>(open.Count);
        foreach (int i in open)
        {
            if (!stored.TryGetValue(traces[i].Key, out byte[]? hash))
            {
                left.Add(i);
            }
            else
            {
                bool same = hash.AsSpan().SequenceEqual(traces[i].Trace.ContentHash);
                results[i] = new WriteResult(same ? WriteOutcome.SameStored : WriteOutcome.OtherStored);
            }
        }

        return left;
    }
}
