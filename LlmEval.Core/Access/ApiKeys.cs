using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Access;

/// <summary>A key that was made. The token is nowhere else: it can be shown once.</summary>
public sealed record NewApiKey(ApiKey Key, string Token);

/// <param name="ExpiresAt">Null for one that does not end by itself.</param>
public sealed record ApiKeyRequest(string Name, Rights Scopes, DateTime? ExpiresAt)
{
    public const int MostNameCharacters = 80;

    /// <summary>Every rule that it breaks.</summary>
    public IReadOnlyList<string> FindFaults(DateTime now)
    {
        List<string> faults = [];
        if (Name.Length > MostNameCharacters || !Naming.IsReadable(Name))
        {
            faults.Add($"name: must have 1 to {MostNameCharacters} characters, {Naming.Rule}");
        }

        if (Scopes == Rights.None || (Scopes & ~Rights.All) != 0)
        {
            faults.Add("scopes: must name one or more of ingest, read, evaluate, admin, and nothing else");
        }

        if (ExpiresAt <= now)
        {
            faults.Add("expires_at: must lie in the future");
        }

        return faults;
    }
}

/// <summary>Makes, lists and revokes the keys of projects.</summary>
public sealed class ApiKeys(IDbContextFactory<LlmEvalDb> databases, AccessChanges changes)
{
    /// <summary>The newest first, revoked ones too.</summary>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(int projectId, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<ApiKey>().Where(k => k.ProjectId == projectId).OrderByDescending(k => k.Id).ToListAsync(cancel);
    }

    /// <param name="request">Without faults.</param>
    public Task<NewApiKey> CreateAsync(int projectId, ApiKeyRequest request, Actor actor, CancellationToken cancel)
    {
        (string token, string publicId, byte[] hash) = ApiKeyToken.Make();
        return changes.RunAsync(
            change =>
            {
                var key = new ApiKey
                {
                    ProjectId = projectId,
                    PublicId = publicId,
                    Name = request.Name.Trim(),
                    Hash = hash,
                    Scopes = request.Scopes,
                    CreatedAt = change.Now,
                    CreatedBy = actor.Name,
                    ExpiresAt = request.ExpiresAt is { } end ? Instant.CutToMicrosecond(end) : null,
                };
                change.Db.Add(key);
                change.Audit("key.created", publicId, projectId, new { name = key.Name, scopes = key.Scopes.ToString(), expires_at = key.ExpiresAt });
                return Task.FromResult(new NewApiKey(key, token));
            },
            actor,
            cancel);
    }

    /// <returns>False when the project has no such key that is not revoked.</returns>
    public Task<bool> RevokeAsync(int projectId, int keyId, Actor actor, CancellationToken cancel) => changes.RunAsync(
        async change =>
        {
            ApiKey? key = await change.Db.Set<ApiKey>().AsTracking()
                .SingleOrDefaultAsync(k => k.Id == keyId && k.ProjectId == projectId && k.RevokedAt == null, change.Cancel);
            if (key is null)
            {
                return false;
            }

            key.RevokedAt = change.Now;
            change.Audit("key.revoked", key.PublicId, projectId, new { name = key.Name });
            return true;
        },
        actor,
        cancel);

    /// <summary>Notes when keys were last used.</summary>
    public async Task NoteUseAsync(IReadOnlyDictionary<int, DateTime> lastUses, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        foreach ((int id, DateTime at) in lastUses)
        {
            await db.Set<ApiKey>()
                .Where(k => k.Id == id && (k.LastUsedAt == null || k.LastUsedAt < at))
                .ExecuteUpdateAsync(k => k.SetProperty(x => x.LastUsedAt, at), cancel);
        }
    }
}
