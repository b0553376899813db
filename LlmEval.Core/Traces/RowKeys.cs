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

    /// <summary>Whether rows have to be looked into one by one.</summary>
    public bool AsksBeyondIndexes => Filter is not { Environment: null, MinCost: null, MinResponseTimeMs: null, Tags.Count: 0, Metadata.Count: 0 };

    private TraceFilter WithinIndexes => Filter with { Environment = null, MinCost = null, MinResponseTimeMs = null, Tags = [], Metadata = [] };

    public Task<List<RowKey>> ReadAsync(Cursor? after, int limit, CancellationToken cancel) => ReadAsync(Parts(Filter), after, limit, cancel);

    /// <summary>The same, among some rows only.</summary>
    public Task<List<RowKey>> ReadAsync(IReadOnlyList<long> among, Cursor? after, int limit, CancellationToken cancel)
    {
        var ids = among as long[] ?? [.. among];
        return ReadAsync([Filter.ApplyTo(Db.Set<Trace>(), ProjectId).Where(t => EF.Parameter(ids).Contains(t.Id))], after, limit, cancel);
    }

    /// <summary>The first of those that pass the filter among the next rows that an index gives.</summary>
    /// <param name="step">So many rows are looked at.</param>
    /// <returns>Also where they ended; null when there are no more.</returns>
    public async Task<(List<RowKey> Keys, Cursor? End)> ReadWindowAsync(Cursor? after, int step, int limit, CancellationToken cancel)
    {
        if (!AsksBeyondIndexes)
        {
            List<RowKey> window = await ReadAsync(after, step, cancel);
            return (window, window.Count < step ? null : window[^1].ToCursor());
        }

        RowKey? last = await Merged(Parts(WithinIndexes).Select(part => After(part, after)), step).Skip(step - 1).SingleOrDefaultAsync(cancel);
        Cursor? end = last?.ToCursor();
        return (await Merged(Parts(Filter).Select(part => UpTo(After(part, after), end)), limit).ToListAsync(cancel), end);
    }

    private Task<List<RowKey>> ReadAsync(IEnumerable<IQueryable<Trace>> parts, Cursor? after, int limit, CancellationToken cancel) =>
        Merged(parts.Select(part => After(part, after)), limit).ToListAsync(cancel);

    private IQueryable<RowKey> Merged(IEnumerable<IQueryable<Trace>> parts, int limit)
    {
        IQueryable<RowKey>[] pages = [.. parts.Select(part => Sorted(Select(part)).Take(limit))];
        return pages.Length == 1 ? pages[0] : Sorted(pages.Aggregate(Queryable.Concat)).Take(limit);
    }

    /// <summary>
    /// The index on (model, status, time) holds each pair of a model and a status in the order of time. A filter on models is
    /// therefore one walk for each pair, merged: no row is touched that is not wanted, be the pair ever so rare among its kind.
    /// </summary>
    private IEnumerable<IQueryable<Trace>> Parts(TraceFilter filter)
    {
        IQueryable<Trace> traces = Db.Set<Trace>();
        bool byRareField = filter.TraceIds.Count > 0 || (filter.SessionId ?? filter.UserId ?? filter.ParentId) is not null || filter.HasError == true;
        if (byRareField || (filter.ModelNames.Count == 0 && filter.Statuses.Count <= 1))
        {
            return [filter.ApplyTo(traces, ProjectId)];
        }

        EvaluationStatus[] statuses = filter.Statuses.Count > 0 ? [.. filter.Statuses.Distinct()] : Enum.GetValues<EvaluationStatus>();
        string[] models = [.. filter.ModelNames.Distinct()];
        if (models.Length * statuses.Length > MostParts)
        {
            return [filter.ApplyTo(traces, ProjectId)];
        }

        return models.Length == 0
            ? statuses.Select(status => (filter with { Statuses = [status] }).ApplyTo(traces, ProjectId))
            : models.SelectMany(_ => statuses, (model, status) => (filter with { ModelNames = [model], Statuses = [status] }).ApplyTo(traces, ProjectId));
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

    private IQueryable<Trace> UpTo(IQueryable<Trace> traces, Cursor? end)
    {
        if (end is not var (timestamp, id))
        {
            return traces;
        }

        return Order == TraceOrder.NewestFirst
            ? traces.Where(t => t.Timestamp >= timestamp && (t.Timestamp > timestamp || t.Id >= id))
            : traces.Where(t => t.Timestamp <= timestamp && (t.Timestamp < timestamp || t.Id <= id));
    }

    private static IQueryable<RowKey> Select(IQueryable<Trace> traces) => traces.Select(t => new RowKey { Timestamp = t.Timestamp, Id = t.Id });

    private IOrderedQueryable<RowKey> Sorted(IQueryable<RowKey> keys) => Order == TraceOrder.NewestFirst
        ? keys.OrderByDescending(k => k.Timestamp).ThenByDescending(k => k.Id)
        : keys.OrderBy(k => k.Timestamp).ThenBy(k => k.Id);
}
