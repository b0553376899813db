using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Outbound;

/// <summary>What the serving of subscriptions reads and writes.</summary>
internal sealed class DeliveryStore(
    IDbContextFactory<LlmEvalDb> databases, IWriteTurn turn, IOptions<OutboundOptions> options, TimeProvider time)
{
    /// <summary>More than these wait for another attempt only when an address fails for a good part of many events.</summary>
    private const int MostRetries = 10_000;

    /// <summary>Who serves here. A replica that is gone is followed by another when its lease is over.</summary>
    private readonly string _replica = Guid.NewGuid().ToString("N");

    // An attempt may take its whole time between two renewals.
    private TimeSpan Lease => TimeSpan.FromSeconds(options.Value.TimeoutSeconds + 15);

    /// <summary>The active subscriptions, and whether one is left to serve here: else another replica does.</summary>
    public async Task<IReadOnlyList<(long Id, bool IsFree)>> ListServedAsync(CancellationToken cancel)
    {
        DateTime now = time.UtcNow();
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        var active = await db.Set<Subscription>()
            .Where(s => s.State == SubscriptionState.Active)
            .OrderBy(s => s.Id)
            .Select(s => new { s.Id, s.LeasedUntil, s.LeasedBy })
            .ToListAsync(cancel);
        return [.. active.Select(s => (s.Id, s.LeasedUntil is null || s.LeasedUntil < now || s.LeasedBy == _replica))];
    }

    /// <summary>Every active subscription, whoever serves it.</summary>
    public async Task<IReadOnlyList<Subscription>> ListActiveAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<Subscription>().AsNoTracking().Where(s => s.State == SubscriptionState.Active).ToListAsync(cancel);
    }

    /// <summary>Takes or renews the lease.</summary>
    /// <returns>Null when another replica has it, or it is not to be served.</returns>
    public async Task<Subscription?> HoldAsync(long id, CancellationToken cancel)
    {
        DateTime now = time.UtcNow();
        DateTime until = now + Lease;
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        using IDisposable? writing = await turn.TakeAsync(cancel);
        int held = await db.Set<Subscription>()
            .Where(s => s.Id == id && s.State == SubscriptionState.Active)
            .Where(s => s.LeasedUntil == null || s.LeasedUntil < now || s.LeasedBy == _replica)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.LeasedBy, _replica).SetProperty(s => s.LeasedUntil, until), cancel);
        return held == 0
            ? null
            : await db.Set<Subscription>().SingleOrDefaultAsync(s => s.Id == id && s.LeasedBy == _replica, cancel);
    }

    public async Task ReleaseAsync(long id, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        using IDisposable? writing = await turn.TakeAsync(cancel);
        await db.Set<Subscription>()
            .Where(s => s.Id == id && s.LeasedBy == _replica)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.LeasedUntil, s => (DateTime?)null), cancel);
    }

    /// <summary>
    /// Writes the deliveries of events together with the position behind them: whatever happens, each event has one delivery.
    /// </summary>
    /// <returns>False when another replica has gone on with it.</returns>
    public async Task<bool> PlanAsync(Subscription to, IReadOnlyList<LogEvent> events, long position, long skipped, CancellationToken cancel)
    {
        DateTime now = time.UtcNow();
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        using IDisposable? writing = await turn.TakeAsync(cancel);
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancel);
        int moved = await db.Set<Subscription>()
            .Where(s => s.Id == to.Id && s.Position == to.Position && s.LeasedBy == _replica)
            .ExecuteUpdateAsync(
                set => set.SetProperty(s => s.Position, position).SetProperty(s => s.Skipped, s => s.Skipped + skipped), cancel);
        if (moved == 0)
        {
            return false;
        }

        foreach (LogEvent e in events)
        {
            Delivery delivery = Delivery.Of(to, e, now);
            delivery.EventId = e.Id;
            db.Add(delivery);
        }

        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        to.Position = position;
        return true;
    }

    /// <summary>The oldest that is due; else when the next one will be.</summary>
    public async Task<(Delivery? Due, DateTime? Next)> FindDueAsync(long subscriptionId, CancellationToken cancel)
    {
        DateTime now = time.UtcNow();
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        IQueryable<Delivery> waiting = db.Set<Delivery>()
            .Where(d => d.SubscriptionId == subscriptionId && d.State == DeliveryState.Waiting);
        return await waiting.Where(d => d.NextAttemptAt <= now).OrderBy(d => d.Id).FirstOrDefaultAsync(cancel) is { } due
            ? (due, now)
            : (null, await waiting.MinAsync(d => d.NextAttemptAt, cancel));
    }

    public async Task RecordAsync(Subscription to, Delivery delivery, AttemptResult result, CancellationToken cancel)
    {
        if (result.IsDelivered)
        {
            await RecordDeliveredAsync(to, delivery, result, cancel);
        }
        else
        {
            await RecordFailedAsync(to, delivery, result, cancel);
        }
    }

    private async Task RecordDeliveredAsync(Subscription to, Delivery delivery, AttemptResult result, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        using IDisposable? writing = await turn.TakeAsync(cancel);
        await WriteAsync(db, delivery, result, DeliveryState.Delivered, next: null, cancel);
        if (to.Failures == 0)
        {
            return;
        }

        // It answers again: what waits for a later attempt need not.
        bool wasResting = RetrySchedule.Rest(to.Failures) > TimeSpan.Zero;
        DateTime now = time.UtcNow();
        (to.Failures, to.FailingSince, to.RestUntil) = (0, null, null);
        await UpdateAsync(db, to, cancel);
        if (wasResting)
        {
            await db.Set<Delivery>()
                .Where(d => d.SubscriptionId == to.Id && d.State == DeliveryState.Waiting && d.NextAttemptAt > now)
                .ExecuteUpdateAsync(set => set.SetProperty(d => d.NextAttemptAt, now), cancel);
        }
    }

    private async Task RecordFailedAsync(Subscription to, Delivery delivery, AttemptResult result, CancellationToken cancel)
    {
        DateTime now = time.UtcNow();
        TimeSpan asked = result.RetryAfter is { } wait && wait > TimeSpan.Zero ? Shorter(wait, RetrySchedule.LongestWait) : TimeSpan.Zero;
        TimeSpan rest = Longer(RetrySchedule.Rest(to.Failures + 1), asked);
        to.Failures++;
        to.FailingSince ??= now;
        to.RestUntil = rest > TimeSpan.Zero ? now + rest : null;
        if (result.IsGone)
        {
            Disable(to, "The address answered 410 Gone.");
        }
        else if (now - to.FailingSince >= TimeSpan.FromDays(options.Value.DisableAfterDays))
        {
            Disable(to, $"Nothing could be delivered since {to.FailingSince:yyyy-MM-dd HH:mm} UTC.");
        }

        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        using IDisposable? writing = await turn.TakeAsync(cancel);
        DateTime? next = RetrySchedule.After(delivery.Attempts + 1, Random.Shared.NextDouble()) is { } later
            ? now + Longer(later, asked)
            : null;
        if (next is not null && delivery.Attempts == 0 && await CountRetriesAsync(db, to.Id, cancel) >= MostRetries)
        {
            next = null;
        }

        await WriteAsync(db, delivery, result, next is null ? DeliveryState.GivenUp : DeliveryState.Waiting, next, cancel);
        await UpdateAsync(db, to, cancel);
    }

    private async Task WriteAsync(
        LlmEvalDb db, Delivery delivery, AttemptResult result, DeliveryState state, DateTime? next, CancellationToken cancel)
    {
        try
        {
            await SetAsync(db, delivery, result, state, next, cancel);
        }
        catch (Exception e) when (!Outage.Is(e) && !cancel.IsCancellationRequested)
        {
            // What became of it counts without the receiver's words. Were it not written, the same message would be sent for ever.
            AttemptResult wordless = result with { Answer = null, Fault = result.Fault is null ? null : "no answer, for a reason that cannot be stored" };
            await SetAsync(db, delivery, wordless, state, next, cancel);
        }
    }

    // On the condition that it stands as it was read: a redelivery by hand, or another replica, comes first.
    private async Task SetAsync(
        LlmEvalDb db, Delivery delivery, AttemptResult result, DeliveryState state, DateTime? next, CancellationToken cancel)
    {
        DateTime now = time.UtcNow();
        await db.Set<Delivery>()
            .Where(d => d.Id == delivery.Id && d.State == DeliveryState.Waiting && d.Attempts == delivery.Attempts)
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(d => d.State, state)
                    .SetProperty(d => d.Attempts, delivery.Attempts + 1)
                    .SetProperty(d => d.NextAttemptAt, next)
                    .SetProperty(d => d.AttemptedAt, now)
                    .SetProperty(d => d.StatusCode, result.StatusCode)
                    .SetProperty(d => d.DurationMs, result.DurationMs)
                    .SetProperty(d => d.Answer, result.Answer)
                    .SetProperty(d => d.Fault, result.Fault),
                cancel);
    }

    private static Task<int> UpdateAsync(LlmEvalDb db, Subscription to, CancellationToken cancel)
    {
        int version = to.Version + (to.State == SubscriptionState.Disabled ? 1 : 0);
        return db.Set<Subscription>().Where(s => s.Id == to.Id && s.Version == to.Version).ExecuteUpdateAsync(
            set => set
                .SetProperty(s => s.Version, version)
                .SetProperty(s => s.Failures, to.Failures)
                .SetProperty(s => s.FailingSince, to.FailingSince)
                .SetProperty(s => s.RestUntil, to.RestUntil)
                .SetProperty(s => s.State, to.State)
                .SetProperty(s => s.StateReason, to.StateReason),
            cancel);
    }

    private static Task<int> CountRetriesAsync(LlmEvalDb db, long subscriptionId, CancellationToken cancel) =>
        db.Set<Delivery>().CountAsync(
            d => d.SubscriptionId == subscriptionId && d.State == DeliveryState.Waiting && d.Attempts > 0, cancel);

    private static void Disable(Subscription to, string reason) => (to.State, to.StateReason) = (SubscriptionState.Disabled, reason);

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
