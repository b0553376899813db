using LlmEval.Core.Access;
using LlmEval.Core.Outbound;

namespace LlmEval.Web.Outbound;

/// <summary>Changes of subscriptions, by whomever, each with its line in the audit log.</summary>
public sealed class SubscriptionChanges(Subscriptions subscriptions, AuditLog audit)
{
    public async Task<SubscriptionAnswer> MakeAsync(int project, SubscriptionDraft draft, Actor actor, CancellationToken cancel)
    {
        SubscriptionAnswer answer = await subscriptions.MakeAsync(project, draft, cancel);
        if (answer.Subscription is { } made)
        {
            await WriteAsync(actor, "webhook.made", project, made);
        }

        return answer;
    }

    public async Task<SubscriptionAnswer> ChangeAsync(
        int project, long id, Func<SubscriptionDraft, SubscriptionDraft> change, Actor actor, CancellationToken cancel)
    {
        SubscriptionAnswer answer = await subscriptions.ChangeAsync(project, id, change, cancel);
        if (answer.Subscription is { } changed && answer.Faults.Count == 0)
        {
            await WriteAsync(actor, "webhook.changed", project, changed);
        }

        return answer;
    }

    public async Task<Subscription?> RotateSecretAsync(int project, long id, Actor actor, CancellationToken cancel)
    {
        Subscription? rotated = await subscriptions.RotateSecretAsync(project, id, cancel);
        if (rotated is not null)
        {
            await WriteAsync(actor, "webhook.secret_made", project, rotated);
        }

        return rotated;
    }

    public async Task<bool> DeleteAsync(int project, long id, Actor actor, CancellationToken cancel)
    {
        Subscription? before = await subscriptions.FindAsync(project, id, cancel);
        bool deleted = await subscriptions.DeleteAsync(project, id, cancel);
        if (deleted && before is not null)
        {
            await WriteAsync(actor, "webhook.deleted", project, before);
        }

        return deleted;
    }

    // The change stands: its line is written even when the caller has gone.
    private Task WriteAsync(Actor actor, string action, int project, Subscription subject) =>
        audit.WriteAsync(actor, action, subject.Name, project, new { url = subject.Url, state = subject.State.ToString() }, CancellationToken.None);
}
