using System.Runtime.ExceptionServices;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Retention;

/// <summary>Deletes the traces that are past keeping, with their histories. The figures keep them; an event tells of every few thousand.</summary>
public sealed class RetentionSweeper(
    IDbContextFactory<LlmEvalDb> databases,
    IBackgroundTurn turn,
    RetentionPolicies policies,
    RetentionQueries queries,
    EventPublisher publisher,
    TimeProvider time)
{
    /// <summary>So many go in one transaction: few enough that nobody notices.</summary>
    public const int Step = 500;

    /// <summary>
    /// Told of in one event: each makes open lists look again. What a sweep that broke off left untold, the next one tells.
    /// </summary>
    private const int ToldAtOnce = 20 * Step;

    /// <summary>By project, how many went that no event told of yet.</summary>
    private readonly Dictionary<int, long> _untold = [];

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Counting to the first of a great many that are kept walks the whole index to there.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <returns>How many went.</returns>
    /// <exception cref="Exception">What went wrong first, with one project; the others were swept all the same.</exception>
    public async Task<long> SweepAsync(CancellationToken cancel)
    {
        long gone = 0;
        ExceptionDispatchInfo? fault = null;
        foreach (RetentionPolicy policy in await policies.ListAsync(cancel))
        {
            try
            {
                gone += await SweepAsync(policy, cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                fault ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        fault?.Throw();
        return gone;
    }

    private async Task<long> SweepAsync(RetentionPolicy policy, CancellationToken cancel)
    {
        Cursor? limit;
        await using (LlmEvalDb db = await databases.CreateDbContextAsync(cancel))
        {
            db.Database.SetCommandTimeout(Patience);
            limit = await queries.FindLimitAsync(db, policy, cancel);
        }

        return limit is null ? 0 : await SweepAsync(policy.ProjectId, limit, cancel);
    }

    private async Task<long> SweepAsync(int projectId, Cursor limit, CancellationToken cancel)
    {
        long gone = 0;
        while (true)
        {
            int? step = await StepAsync(projectId, limit, cancel);
            gone += step ?? 0;
            bool isOver = step is null ? _untold.GetValueOrDefault(projectId) == 0 : step < Step;
            if (isOver)
            {
                return gone;
            }

            await Task.Delay(Pause, time, cancel);
        }
    }

    /// <returns>How many went; null when another replica is at it. What this one has yet to tell it then waits to tell.</returns>
    private async Task<int?> StepAsync(int projectId, Cursor limit, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        await using BackgroundTransaction? transaction = await turn.TryBeginAsync(db, BackgroundWork.SweepTraces, cancel);
        if (transaction is null)
        {
            return null;
        }

        var going = await RetentionQueries.PastKeeping(db, projectId, limit)
            .OrderBy(t => t.Timestamp).ThenBy(t => t.Id)
            .Take(Step)
            .Select(t => new { t.Id, t.TraceId })
            .ToListAsync(cancel);
        long[] ids = [.. going.Select(t => t.Id)];
        string[] traceIds = [.. going.Select(t => t.TraceId)];

        // Holds verdicts off until this is over. Then histories first: a trace that goes without one takes nothing from the figures.
        IQueryable<Trace> traces = db.Set<Trace>().Where(t => EF.Parameter(ids).Contains(t.Id));
        await traces.ExecuteUpdateAsync(set => set.SetProperty(t => t.Version, t => t.Version), cancel);
        await db.Set<Evaluation>()
            .Where(e => e.ProjectId == projectId && EF.Parameter(traceIds).Contains(e.TraceId))
            .ExecuteDeleteAsync(cancel);
        int gone = await traces.ExecuteDeleteAsync(cancel);
        long toTell = _untold.GetValueOrDefault(projectId) + gone;
        PendingEvent? swept = toTell > 0 && (gone < Step || toTell >= ToldAtOnce) ? TraceEvents.Swept(projectId, toTell, time.UtcNow()) : null;
        long eventId = swept is null ? 0 : await db.AppendEventAsync(swept, time.UtcNow(), cancel);
        await transaction.CommitAsync(cancel);
        _untold[projectId] = swept is null ? toTell : 0;
        if (swept is not null)
        {
            publisher.Publish(eventId, [swept]);
        }

        return gone;
    }
}
