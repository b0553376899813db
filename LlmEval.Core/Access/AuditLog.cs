using System.Text.Json;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Access;

/// <summary>Which lines are asked for.</summary>
/// <param name="ProjectId">Those of one project; null for all, the installation's too.</param>
/// <param name="Area">The first word of their actions, as <c>key</c>; null for all.</param>
/// <param name="Person">Part of the name of who did it; null for all.</param>
public sealed record AuditFilter(int? ProjectId, string? Area = null, string? Person = null);

/// <summary>Who did what. Changes of access write their lines themselves; this is for everything else, and for reading.</summary>
public sealed class AuditLog(IDbContextFactory<LlmEvalDb> databases, IWriteTurn turn, TimeProvider time)
{
    /// <param name="detail">Serialised as the JSON of what changed; never a secret.</param>
    public async Task WriteAsync(Actor actor, string action, string subject, int? projectId, object? detail, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        using IDisposable? writing = await turn.TakeAsync(cancel);
        db.Add(Entry(actor, time.UtcNow(), action, subject, projectId, detail));
        await db.SaveChangesAsync(cancel);
    }

    /// <param name="before">The last line that was read; null to begin with the newest.</param>
    public async Task<IReadOnlyList<AuditEntry>> ListAsync(AuditFilter filter, long? before, int size, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        IQueryable<AuditEntry> entries = db.Set<AuditEntry>();
        if (filter.ProjectId is { } project)
        {
            entries = entries.Where(e => e.ProjectId == project);
        }

        if (before is { } id)
        {
            entries = entries.Where(e => e.Id < id);
        }

        if (filter.Area is { } area)
        {
            entries = entries.Where(e => e.Action.StartsWith(area));
        }

        if (filter.Person?.ToLowerInvariant() is { Length: > 0 } person)
        {
            entries = entries.Where(e => e.Actor.ToLower().Contains(person) || e.Subject.ToLower().Contains(person));
        }

        return await entries.OrderByDescending(e => e.Id).Take(size).ToListAsync(cancel);
    }

    internal static AuditEntry Entry(Actor actor, DateTime at, string action, string subject, int? projectId, object? detail) => new()
    {
        At = at,
        ProjectId = projectId,
        Actor = actor.Name,
        UserId = actor.UserId,
        KeyId = actor.KeyId,
        Address = actor.Address,
        RequestId = actor.RequestId,
        Action = action,
        Subject = subject,
        Detail = detail is null ? null : JsonSerializer.Serialize(detail),
    };
}
