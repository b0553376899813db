using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Traces;

internal enum TraceOrder
{
    NewestFirst,
    OldestFirst,
}

/// <summary>The rows that pass a filter, in order, as keyset pages: what comes after a place is found by an index, however deep.</summary>
internal sealed record RowKeys(LlmEvalDb Db, int ProjectId, TraceFilter Filter, TraceOrder Order)
{
    /// <summary>Past this many parts the query plan costs more than it saves.</summary>
    private const int MostParts = 32;

    public Task<List<RowKey>> ReadAsync(Cursor? after, int limit, CancellationToken cancel) => ReadAsync(Filtered(), after, limit, cancel);

    /// <summary>The same, among some rows only.</summary>
    public Task<List<RowKey>> ReadAsync(IReadOnlyList<long> among, Cursor? after, int limit, CancellationToken cancel)
    {
        var ids = among as long[] ?? [.. among];
        return ReadAsync([Filter.ApplyTo(Db.Set<Trace>(), ProjectId).Where(t => EF.Parameter(ids).Contains(t.Id))], after, limit, cancel);
    }

    private async Task<List<RowKey>> ReadAsync(IEnumerable<IQueryable<Trace>> parts, Cursor? after, int limit, CancellationToken cancel)
    {
        IQueryable<RowKey>[] pages = [.. parts.Select(part => Sorted(Select(After(part, after))).Take(limit))];
        IQueryable<RowKey> keys = pages.Length == 1 ? pages[0] : Sorted(pages.Aggregate(Queryable.Concat)).Take(limit);
        return await keys.ToListAsync(cancel);
    }

    /// <summary>
    /// The index on (model, status, time) holds each pair of a model and a status in the order of time. A filter on models is
    /// therefore one walk for each pair, merged: no row is touched that is not wanted, be the pair ever so rare among its kind.
    /// </summary>
    private IEnumerable<IQueryable<Trace>> Filtered()
    {
        IQueryable<Trace> traces = Db.Set<Trace>();
        bool byRareField = (Filter.SessionId ?? Filter.UserId ?? Filter.ParentId) is not null || Filter.HasError == true;
        if (byRareField || (Filter.ModelNames.Count == 0 && Filter.Statuses.Count <= 1))
        {
            return [Filter.ApplyTo(traces, ProjectId)];
        }

        EvaluationStatus[] statuses = Filter.Statuses.Count > 0 ? [.. Filter.Statuses.Distinct()] : Enum.GetValues<EvaluationStatus>();
        string[] models = [.. Filter.ModelNames.Distinct()];
        if (models.Length * statuses.Length > MostParts)
        {
            return [Filter.ApplyTo(traces, ProjectId)];
        }

        return models.Length == 0
            ? statuses.Select(status => (Filter with { Statuses = [status] }).ApplyTo(traces, ProjectId))
            : models.SelectMany(_ => statuses, (model, status) => (Filter with { ModelNames = [model], Statuses = [status] }).ApplyTo(traces, ProjectId));
    }

    private IQueryable<Trace> After(IQueryable<Trace> traces, Cursor? after)
    {
        if (after is not var (timestamp, id))
        {
            return traces;
        }

        // The first comparison bounds the walk of the index; a plain (a or b) would only filter it.
        return Order == TraceOrder.NewestFirst
            ? traces.Where(t => t.Timestamp <= timestamp && (t.Timestamp < timestamp || t.Id < id))
            : traces.Where(t => t.Timestamp >= timestamp && (t.Timestamp > timestamp || t.Id > id));
    }

    private static IQueryable<RowKey> Select(IQueryable<Trace> traces) => traces.Select(t => new RowKey { Timestamp = t.Timestamp, Id = t.Id });

    private IOrderedQueryable<RowKey> Sorted(IQueryable<RowKey> keys) => Order == TraceOrder.NewestFirst
        ? keys.OrderByDescending(k => k.Timestamp).ThenByDescending(k => k.Id)
        : keys.OrderBy(k => k.Timestamp).ThenBy(k => k.Id);
}
