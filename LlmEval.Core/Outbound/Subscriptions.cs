using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Outbound;

/// <param name="Subscription">As it is stored; null when there is none, or a rule is broken.</param>
/// <param name="Faults">Every rule that is broken.</param>
public sealed record SubscriptionAnswer(Subscription? Subscription, IReadOnlyList<string> Faults);

/// <summary>Keeps each project's subscriptions. Whoever shows one leaves its secrets out, but for one that was just made.</summary>
public sealed class Subscriptions(
    IDbContextFactory<LlmEvalDb> databases, AuditedChanges changes, AddressGuard guard, OutboundSignal signal)
{
    public const int MostInProject = 50;

    /// <summary>For so long after a rotation the old secret signs beside the new one.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    public async Task<IReadOnlyList<Subscription>> ListAsync(int projectId, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<Subscription>().Where(s => s.ProjectId == projectId).OrderBy(s => s.Id).ToListAsync(cancel);
    }

    public async Task<Subscription?> FindAsync(int projectId, long id, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await One(db, projectId, id).SingleOrDefaultAsync(cancel);
    }

    /// <summary>It begins with the next event.</summary>
    public async Task<SubscriptionAnswer> MakeAsync(int projectId, SubscriptionDraft draft, Actor actor, CancellationToken cancel)
    {
        draft = draft.Tidy();
        IReadOnlyList<string> faults = await FindFaultsAsync(draft, before: null, cancel);
        if (faults.Count > 0)
        {
            return new SubscriptionAnswer(null, faults);
        }

        SubscriptionAnswer answer = await changes.RunAsync(change => StoreAsync(change, projectId, draft), actor, cancel);
        signal.Raise();
        return answer;
    }

    private static async Task<SubscriptionAnswer> StoreAsync(AuditedTransaction change, int projectId, SubscriptionDraft draft)
    {
        if (await change.Db.Set<Subscription>().CountAsync(s => s.ProjectId == projectId, change.Cancel) >= MostInProject)
        {
            return new SubscriptionAnswer(null, [$"A project has at most {MostInProject} subscriptions."]);
        }

        var made = new Subscription
        {
            ProjectId = projectId,
            Name = draft.Name,
            Url = draft.Url,
            Format = draft.Format,
            Events = [.. draft.Events],
            ModelNames = [.. draft.ModelNames],
            Statuses = [.. draft.Statuses],
            State = draft.Active ? SubscriptionState.Active : SubscriptionState.Paused,
            Version = 1,
            CreatedAt = change.Now,
            Secret = WebhookKey.NewSecret(),
            Position = await HeadAsync(change.Db, change.Cancel),
        };
        change.Db.Add(made);
        Audit(change, "webhook.made", made);
        return new SubscriptionAnswer(made, []);
    }

    /// <summary>Turned on again, it begins with the next event; what waited goes on.</summary>
    /// <param name="edit">Done anew on what is there when somebody else was faster.</param>
    /// <param name="seen">The version that was looked at, where all of it is written anew: another is not written over. Null takes any.</param>
    public async Task<SubscriptionAnswer> ChangeAsync(
        int projectId, long id, Func<SubscriptionDraft, SubscriptionDraft> edit, Actor actor, CancellationToken cancel, int? seen = null)
    {
        while (await FindAsync(projectId, id, cancel) is { } before)
        {
            if (seen is { } version && before.Version != version)
            {
                return new SubscriptionAnswer(null, ["It has changed since you opened it, and nothing was saved. Close it, look at it again, and repeat your change."]);
            }

            SubscriptionDraft draft = edit(SubscriptionDraft.Of(before)).Tidy();
            IReadOnlyList<string> faults = await FindFaultsAsync(draft, before, cancel);
            if (faults.Count > 0)
            {
                return new SubscriptionAnswer(null, faults);
            }

            if (await changes.RunAsync(change => UpdateAsync(change, before, draft), actor, cancel) is { } after)
            {
                signal.Raise();
                return new SubscriptionAnswer(after, []);
            }
        }

        return new SubscriptionAnswer(null, []);
    }

    /// <returns>Null when it is no longer as it was.</returns>
    private static async Task<Subscription?> UpdateAsync(AuditedTransaction change, Subscription before, SubscriptionDraft draft)
    {
        bool turnedOn = draft.Active && before.State != SubscriptionState.Active;
        SubscriptionState state = draft.Active ? SubscriptionState.Active
            : before.State == SubscriptionState.Active ? SubscriptionState.Paused
            : before.State;
        string? reason = draft.Active ? null : before.StateReason;
        long head = turnedOn ? await HeadAsync(change.Db, change.Cancel) : 0;
        string[] events = [.. draft.Events];
        string[] models = [.. draft.ModelNames];
        string[] statuses = [.. draft.Statuses];
        IQueryable<Subscription> unchanged = One(change.Db, before.ProjectId, before.Id).Where(s => s.Version == before.Version && s.State == before.State);
        int updated = await unchanged.ExecuteUpdateAsync(
            set => set
                .SetProperty(s => s.Name, draft.Name)
                .SetProperty(s => s.Url, draft.Url)
                .SetProperty(s => s.Format, draft.Format)
                .SetProperty(s => s.Events, events)
                .SetProperty(s => s.ModelNames, models)
                .SetProperty(s => s.Statuses, statuses)
                .SetProperty(s => s.State, state)
                .SetProperty(s => s.StateReason, reason)
                .SetProperty(s => s.Version, s => s.Version + 1)
                .SetProperty(s => s.Position, s => turnedOn ? head : s.Position)
                .SetProperty(s => s.Failures, s => turnedOn ? 0 : s.Failures)
                .SetProperty(s => s.FailingSince, s => turnedOn ? null : s.FailingSince)
                .SetProperty(s => s.RestUntil, s => (DateTime?)null),
            change.Cancel);
        return updated == 0 ? null : await ReadAsync(change, before.ProjectId, before.Id, "webhook.changed");
    }

    /// <summary>Makes a new secret; the old one signs beside it for <see cref="Overlap"/>. One that was older still ends at once.</summary>
    public async Task<Subscription?> RotateSecretAsync(int projectId, long id, Actor actor, CancellationToken cancel)
    {
        string secret = WebhookKey.NewSecret();
        Subscription? rotated = await changes.RunAsync(
            async change =>
            {
                DateTime until = change.Now + Overlap;
                await One(change.Db, projectId, id).ExecuteUpdateAsync(
                    set => set
                        .SetProperty(s => s.PreviousSecret, s => s.Secret)
                        .SetProperty(s => s.PreviousSecretUntil, until)
                        .SetProperty(s => s.Secret, secret)
                        .SetProperty(s => s.Version, s => s.Version + 1),
                    change.Cancel);
                return await ReadAsync(change, projectId, id, "webhook.secret_made");
            },
            actor,
            cancel);
        signal.Raise();
        return rotated;
    }

    /// <returns>False when there was none.</returns>
    public async Task<bool> DeleteAsync(int projectId, long id, Actor actor, CancellationToken cancel)
    {
        bool isDeleted = await changes.RunAsync(
            async change =>
            {
                Subscription? subject = await ReadAsync(change, projectId, id, "webhook.deleted");
                await One(change.Db, projectId, id).ExecuteDeleteAsync(change.Cancel);
                await change.Db.Set<Delivery>().Where(d => d.SubscriptionId == id && d.ProjectId == projectId).ExecuteDeleteAsync(change.Cancel);
                return subject is not null;
            },
            actor,
            cancel);
        signal.Raise();
        return isDeleted;
    }

    private static IQueryable<Subscription> One(LlmEvalDb db, int projectId, long id) =>
        db.Set<Subscription>().Where(s => s.Id == id && s.ProjectId == projectId);

    /// <returns>Null when there is none, and nothing to write down.</returns>
    private static async Task<Subscription?> ReadAsync(AuditedTransaction change, int projectId, long id, string action)
    {
        Subscription? subject = await One(change.Db, projectId, id).SingleOrDefaultAsync(change.Cancel);
        if (subject is not null)
        {
            Audit(change, action, subject);
        }

        return subject;
    }

    // Whoever knows the address of a channel at Slack may write there: what comes after the host is not kept for everybody who reads the audit log.
    private static void Audit(AuditedTransaction change, string action, Subscription subject) =>
        change.Audit(action, subject.Name, subject.ProjectId, new { host = new Uri(subject.Url).GetLeftPart(UriPartial.Authority), state = subject.State.ToString() });

    private static Task<long> HeadAsync(LlmEvalDb db, CancellationToken cancel) => db.Set<EventHead>().Select(h => h.LastId).SingleAsync(cancel);

    private async Task<IReadOnlyList<string>> FindFaultsAsync(SubscriptionDraft draft, Subscription? before, CancellationToken cancel)
    {
        // A host that is no more must not keep its subscription from being turned off or renamed.
        bool mayLeadElsewhere = draft.Url != before?.Url || (draft.Active && before.State != SubscriptionState.Active);
        List<string> faults = [.. draft.FindFaults()];
        if (faults.Count == 0 && mayLeadElsewhere && await guard.FindFaultAsync(draft.Address!, cancel) is { } fault)
        {
            faults.Add($"url: {fault}");
        }

        return faults;
    }
}
