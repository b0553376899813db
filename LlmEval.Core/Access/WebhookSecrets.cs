using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Access;

/// <summary>Makes, lists and ends what senders of a project's webhooks sign with.</summary>
public sealed class WebhookSecrets(IDbContextFactory<LlmEvalDb> databases, AccessChanges changes)
{
    /// <summary>Each costs every webhook a hash of its body.</summary>
    public const int MostAtATime = 5;

    /// <summary>How long one goes on that is being replaced.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromDays(1);

    /// <summary>Those that hold, the newest first.</summary>
    public async Task<IReadOnlyList<WebhookSecret>> ListAsync(int projectId, DateTime now, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<WebhookSecret>()
            .Where(s => s.ProjectId == projectId && (s.ExpiresAt == null || s.ExpiresAt > now))
            .OrderByDescending(s => s.Id)
            .ToListAsync(cancel);
    }

    /// <summary>From now on the project's webhooks have to be signed.</summary>
    /// <param name="replace">Those that there are end when their senders have had a day to change.</param>
    /// <returns>Null when there are as many as there may be.</returns>
    public Task<WebhookSecret?> CreateAsync(int projectId, bool replace, Actor actor, CancellationToken cancel) => changes.RunAsync(
        async change =>
        {
            List<WebhookSecret> before = await change.Db.Set<WebhookSecret>().AsTracking()
                .Where(s => s.ProjectId == projectId && (s.ExpiresAt == null || s.ExpiresAt > change.Now))
                .ToListAsync(change.Cancel);
            if (before.Count >= MostAtATime)
            {
                return null;
            }

            DateTime end = change.Now + Overlap;
            foreach (WebhookSecret old in before.Where(s => replace && !(s.ExpiresAt <= end)))
            {
                old.ExpiresAt = end;
                change.Audit("webhook_secret.ending", Name(old), projectId, new { expires_at = end });
            }

            var secret = new WebhookSecret { ProjectId = projectId, Secret = WebhookKey.NewSecret(), CreatedAt = change.Now };
            change.Db.Add(secret);
            await change.Db.SaveChangesAsync(change.Cancel);
            change.Audit("webhook_secret.created", Name(secret), projectId);
            return secret;
        },
        actor,
        cancel);

    /// <returns>False when the project has no such secret.</returns>
    public Task<bool> EndAsync(int projectId, int secretId, Actor actor, CancellationToken cancel) => changes.RunAsync(
        async change =>
        {
            WebhookSecret? secret = await change.Db.Set<WebhookSecret>().AsTracking()
                .SingleOrDefaultAsync(s => s.Id == secretId && s.ProjectId == projectId, change.Cancel);
            if (secret is null)
            {
                return false;
            }

            change.Db.Remove(secret);
            change.Audit("webhook_secret.ended", Name(secret), projectId);
            return true;
        },
        actor,
        cancel);

    private static string Name(WebhookSecret secret) => $"secret {secret.Id}";
}
