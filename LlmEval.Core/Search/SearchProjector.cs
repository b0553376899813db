using System.Data.Common;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Search;

/// <summary>
/// Takes the index one step along the event log. The words and the position change in one transaction, on the condition that the
/// position is still the one the step began at: a crash or a second replica leaves the two in agreement.
/// </summary>
/// <remarks>
/// The traces are read before the transaction, so that it is short (SQLite has one writer). What changes meanwhile has an event
/// further along; what is deleted meanwhile is among the removals.
/// </remarks>
internal sealed class SearchProjector(
    IDbContextFactory<LlmEvalDb> databases,
    EventLog log,
    IBackgroundTurn turn,
    ISearchTable table,
    IOptionsMonitor<SearchOptions> options,
    TimeProvider time)
{
    /// <summary>Traces are read and cut into words so many at a time, up to a number of characters in one step.</summary>
    private const int Slice = 25;

    private const int MostCharacters = 4_000_000;
    private const int MostRemovals = 2_000;

    public async Task<SearchProgress> StepAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        Projection at = await db.Set<Projection>().SingleAsync(p => p.Name == Projection.Search, cancel);
        SearchStep? step = at.RebuiltUpTo is { } row ? await ReadTracesAsync(db, at, row, cancel) : await ReadEventsAsync(db, at, cancel);
        if (step is null)
        {
            return SearchProgress.UpToDate;
        }

        bool applied;
        try
        {
            applied = await ApplyAsync(db, at, step, oneByOne: false, cancel);
        }
        catch (DbException e) when (!Outage.Is(e))
        {
            // One of them cannot be held. Slowly now, to find out which.
            applied = await ApplyAsync(db, at, step, oneByOne: true, cancel);
        }

        return !applied ? SearchProgress.ByAnother : step.IsLast ? SearchProgress.UpToDate : SearchProgress.More;
    }

    private async Task<SearchStep?> ReadEventsAsync(LlmEvalDb db, Projection at, CancellationToken cancel)
    {
        IReadOnlyList<LogEvent> events = await log.ReadAsync(at.Position, before: null, options.CurrentValue.BatchEvents, cancel);
        if (events.Count == 0 || events[0].Id != at.Position + 1)
        {
            EventLogBounds bounds = await log.ReadBoundsAsync(cancel);
            bool isTrimmed = bounds.Oldest > at.Position + 1 && bounds.Head > at.Position;
            if (isTrimmed)
            {
                return new SearchStep(bounds.Head, RebuiltUpTo: 0, [], Skipped: 0, IsLast: false);
            }

            // Sweeps remove traces without an event.
            bool anyRemoval = await db.Set<SearchRemoval>().AnyAsync(cancel);
            return anyRemoval ? new SearchStep(at.Position, RebuiltUpTo: null, [], Skipped: 0, IsLast: false) : null;
        }

        // A trace that was changed twice is read once; the deleted ones are among the removals.
        var traces = new List<IndexedTrace>();
        var seen = new HashSet<(int, string)>();
        int skipped = 0;
        int characters = 0;
        long position = at.Position;
        foreach (LogEvent[] slice in events.Chunk(Slice))
        {
            // Project by project: the same id in two of them is two traces, and only the one that is told of is to be read.
            IEnumerable<IGrouping<int, string>> changed = slice
                .Where(e => e.Action is EventAction.NewTrace or EventAction.UpdatedTrace && seen.Add((e.ProjectId, e.TraceId)))
                .GroupBy(e => e.ProjectId, e => e.TraceId);
            foreach (IGrouping<int, string> ofProject in changed)
            {
                int project = ofProject.Key;
                string[] traceIds = [.. ofProject];
                IQueryable<Trace> found = db.Set<Trace>().Where(t => t.ProjectId == project && EF.Parameter(traceIds).Contains(t.TraceId));
                (int length, int failed) = await ReadAsync(found, traces, cancel);
                characters += length;
                skipped += failed;
            }

            position = slice[^1].Id;
            if (characters > MostCharacters)
            {
                break;
            }
        }

        bool isLast = position == events[^1].Id && events.Count < options.CurrentValue.BatchEvents;
        return new SearchStep(position, RebuiltUpTo: null, traces, skipped, isLast);
    }

    private async Task<SearchStep> ReadTracesAsync(LlmEvalDb db, Projection at, long after, CancellationToken cancel)
    {
        var traces = new List<IndexedTrace>();
        int most = options.CurrentValue.BatchEvents;
        int characters = 0;
        int skipped = 0;
        for (int read = 0; read < most && characters < MostCharacters; read += Slice)
        {
            long[] rows = await db.Set<Trace>().Where(t => t.Id > after).OrderBy(t => t.Id).Take(Slice).Select(t => t.Id).ToArrayAsync(cancel);
            if (rows.Length == 0)
            {
                return new SearchStep(at.Position, RebuiltUpTo: null, traces, skipped, IsLast: false);
            }

            (int length, int failed) = await ReadAsync(db.Set<Trace>().Where(t => EF.Parameter(rows).Contains(t.Id)), traces, cancel);
            characters += length;
            skipped += failed;
            after = rows[^1];
        }

        return new SearchStep(at.Position, after, traces, skipped, IsLast: false);
    }

    private static async Task<(int Characters, int Failed)> ReadAsync(IQueryable<Trace> traces, List<IndexedTrace> into, CancellationToken cancel)
    {
        const int cut = SearchDocument.MostCharacters;
        var rows = traces.Select(t => new
        {
            t.Id,
            t.ProjectId,
            UserQuery = t.UserQuery.Substring(0, cut),
            AiResponse = t.AiResponse.Substring(0, cut),
            SystemPrompt = t.SystemPrompt!.Substring(0, cut),
            t.Error,
        });
        int characters = 0;
        int failed = 0;

        // Row by row: an error cannot be cut before its JSON is read, and may be as long as a whole body.
        await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancel))
        {
            characters += row.UserQuery.Length + row.AiResponse.Length + (row.SystemPrompt?.Length ?? 0) + (row.Error?.Length ?? 0);
            try
            {
                var document = SearchDocument.Of(row.UserQuery, row.AiResponse, SearchDocument.TextOf(row.Error), row.SystemPrompt);
                into.Add(new IndexedTrace(row.Id, row.ProjectId, document));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Whatever a text may do to the words of it, it must not stop all that come after.
                failed++;
            }
        }

        return (characters, failed);
    }

    private async Task<bool> ApplyAsync(LlmEvalDb db, Projection at, SearchStep step, bool oneByOne, CancellationToken cancel)
    {
        await using BackgroundTransaction? transaction = await turn.TryBeginAsync(db, BackgroundWork.IndexText, cancel);
        if (transaction is null)
        {
            return false;
        }

        // Rows in one order, so that two steps that overlap cannot wait for each other.
        IndexedTrace[] traces = [.. step.Traces.OrderBy(t => t.Row)];
        int skipped = step.Skipped;
        if (oneByOne)
        {
            skipped += await WriteOneByOneAsync(db, traces, cancel);
        }
        else if (traces.Length > 0)
        {
            await table.WriteAsync(db, traces, cancel);
        }

        await RemoveAsync(db, cancel);
        DateTime now = time.UtcNow();
        int moved = await db.Set<Projection>()
            .Where(p => p.Name == Projection.Search && p.Position == at.Position && p.RebuiltUpTo == at.RebuiltUpTo)
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(p => p.Position, step.Position)
                    .SetProperty(p => p.RebuiltUpTo, step.RebuiltUpTo)
                    .SetProperty(p => p.Skipped, p => p.Skipped + skipped)
                    .SetProperty(p => p.UpdatedAt, now),
                cancel);
        if (moved == 0)
        {
            return false;
        }

        await transaction.CommitAsync(cancel);
        return true;
    }

    private async Task<int> WriteOneByOneAsync(LlmEvalDb db, IndexedTrace[] traces, CancellationToken cancel)
    {
        IDbContextTransaction transaction = db.Database.CurrentTransaction!;
        int skipped = 0;
        foreach (IndexedTrace trace in traces)
        {
            await transaction.CreateSavepointAsync("document", cancel);
            try
            {
                await table.WriteAsync(db, [trace], cancel);
            }
            catch (DbException e) when (!Outage.Is(e))
            {
                await transaction.RollbackToSavepointAsync("document", cancel);
                skipped++;
            }

            await transaction.ReleaseSavepointAsync("document", cancel);
        }

        return skipped;
    }

    /// <summary>
    /// After the writing: a trace that went while this step had it in hand is then either seen here, or by the next step.
    /// </summary>
    private async Task RemoveAsync(LlmEvalDb db, CancellationToken cancel)
    {
        long[] gone = await db.Set<SearchRemoval>().OrderBy(r => r.TraceRowId).Take(MostRemovals).Select(r => r.TraceRowId).ToArrayAsync(cancel);
        if (gone.Length > 0)
        {
            await table.RemoveAsync(db, gone, cancel);
            await db.Set<SearchRemoval>().Where(r => EF.Parameter(gone).Contains(r.TraceRowId)).ExecuteDeleteAsync(cancel);
        }
    }

    /// <param name="Position">Where the index stands in the log after it.</param>
    /// <param name="Skipped">Traces whose words could not be read.</param>
    /// <param name="IsLast">The end of the log was in sight.</param>
    private sealed record SearchStep(long Position, long? RebuiltUpTo, IReadOnlyList<IndexedTrace> Traces, int Skipped, bool IsLast);
}

/// <summary>Where a step has left the index.</summary>
internal enum SearchProgress
{
    UpToDate,
    More,

    /// <summary>Another replica took the step.</summary>
    ByAnother,
}
