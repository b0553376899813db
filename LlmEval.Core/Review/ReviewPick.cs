using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Review;

/// <summary>Finds the rows of a queue in its order.</summary>
internal sealed class ReviewPick(TraceQueries traces)
{
    /// <summary>Random and worst traces are picked so many at a time: their order is not one that an index has.</summary>
    private const int Hand = 500;

    /// <summary>The worst are looked for among so many of the newest: a list of ever older failures would help nobody.</summary>
    private const int Looked = 10_000;

    /// <summary>The next rows in the order of time, however many there are.</summary>
    public async Task<long[]> ByTimeAsync(LlmEvalDb db, int projectId, ReviewScope scope, int limit, CancellationToken cancel)
    {
        TraceOrder order = scope.Order == ReviewOrder.Oldest ? TraceOrder.OldestFirst : TraceOrder.NewestFirst;
        return await KeysAsync(db, projectId, Waiting(scope), order, limit, cancel);
    }

    /// <summary>A sample with all of its rows, judged or not; else the first rows that wait.</summary>
    /// <param name="held">How many of those that wait may be known already: so many more are picked.</param>
    public async Task<long[]> PickAsync(LlmEvalDb db, int projectId, ReviewScope scope, int held, CancellationToken cancel)
    {
        if (scope.Size is not { } size)
        {
            int hand = Hand + held;
            return scope.Order == ReviewOrder.Worst
                ? await SortAsync(db, await KeysAsync(db, projectId, Waiting(scope), TraceOrder.NewestFirst, Looked, cancel), scope.Order, hand, cancel)
                : await ShuffleAsync(db, projectId, Waiting(scope), hand, cancel);
        }

        // Whatever was said of them: a sample must not fill up again as it is judged.
        TraceFilter all = scope.Filter with { Statuses = [] };
        long[] sample = await ShuffleAsync(db, projectId, all, Math.Min(size, ReviewScope.MostPicked), cancel);
        return scope.Order == ReviewOrder.Random ? sample : await SortAsync(db, sample, scope.Order, sample.Length, cancel);
    }

    private static TraceFilter Waiting(ReviewScope scope) => scope.Filter with { Statuses = scope.Waiting };

    private async Task<long[]> KeysAsync(
        LlmEvalDb db, int projectId, TraceFilter filter, TraceOrder order, int limit, CancellationToken cancel) =>
        [.. (await traces.FindKeysAsync(new RowKeys(db, projectId, filter, order), after: null, limit, cancel)).Select(k => k.Id)];

    private async Task<long[]> ShuffleAsync(LlmEvalDb db, int projectId, TraceFilter filter, int limit, CancellationToken cancel)
    {
        IQueryable<Trace> found = filter.ApplyTo(db.Set<Trace>(), projectId);
        if (filter.Text is not null)
        {
            long[] matches = await KeysAsync(db, projectId, filter, TraceOrder.NewestFirst, Looked, cancel);
            found = db.Set<Trace>().Where(t => EF.Parameter(matches).Contains(t.Id));
        }

        return await found.OrderBy(TraceShuffle.Place).ThenBy(t => t.Id).Take(limit).Select(t => t.Id).ToArrayAsync(cancel);
    }

    private static async Task<long[]> SortAsync(LlmEvalDb db, long[] rows, ReviewOrder order, int limit, CancellationToken cancel)
    {
        IQueryable<Trace> found = db.Set<Trace>().Where(t => EF.Parameter(rows).Contains(t.Id));
        IOrderedQueryable<Trace> sorted = order switch
        {
            ReviewOrder.Oldest => found.OrderBy(t => t.Timestamp).ThenBy(t => t.Id),
            ReviewOrder.Worst => found.OrderByDescending(t => t.HasError)
                .ThenByDescending(t => t.AiResponse == "")
                .ThenByDescending(t => t.ResponseTimeMs ?? -1)
                .ThenByDescending(t => t.Timestamp)
                .ThenByDescending(t => t.Id),
            _ => found.OrderByDescending(t => t.Timestamp).ThenByDescending(t => t.Id),
        };
        return await sorted.Take(limit).Select(t => t.Id).ToArrayAsync(cancel);
    }
}
