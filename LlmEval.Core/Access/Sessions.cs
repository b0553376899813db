using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Access;

/// <summary>A session that began. The token is nowhere else: it goes into the browser's cookie.</summary>
public sealed record NewSession(string Token, DateTime ExpiresAt);

/// <param name="Text">What the browser says it is.</param>
/// <param name="Address">Its network address.</param>
public sealed record Device(string Text, string? Address);

/// <summary>Signs people in and out.</summary>
public sealed class Sessions(IDbContextFactory<LlmEvalDb> databases, AccessChanges changes, TimeProvider time)
{
    /// <summary>Without use for this long it ends, to about a minute.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromHours(12);

    /// <summary>However much it is used.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <summary>Of one person at a time: with another, the one that was not used for longest ends.</summary>
    public const int Most = 20;

    private const int MostDeviceCharacters = 300;

    /// <param name="user">As they were when it was found that it is them.</param>
    /// <param name="how">By what they were known: <c>password</c>, for one.</param>
    /// <param name="replaced">The token's hash of the session that the browser had: it ends.</param>
    /// <returns>Null when they were disabled or got another password meanwhile.</returns>
    public Task<NewSession?> StartAsync(User user, string how, Device device, byte[]? replaced, Actor actor, CancellationToken cancel)
    {
        (string token, byte[] hash) = SecretToken.Make();
        return changes.RunAsync(
            async change =>
            {
                User? now = await change.Db.Set<User>().SingleOrDefaultAsync(u => u.Id == user.Id, change.Cancel);
                if (now is null or { IsDisabled: true } || now.PasswordHash != user.PasswordHash)
                {
                    return null;
                }

                if (replaced is not null)
                {
                    await change.Db.Set<Session>().Where(s => s.TokenHash == replaced).ExecuteDeleteAsync(change.Cancel);
                }

                int[] kept = await change.Db.Set<Session>().Where(s => s.UserId == user.Id)
                    .OrderByDescending(s => s.SeenAt).ThenByDescending(s => s.Id).Select(s => s.Id).Take(Most - 1).ToArrayAsync(change.Cancel);
                await change.Db.Set<Session>().Where(s => s.UserId == user.Id && !kept.Contains(s.Id)).ExecuteDeleteAsync(change.Cancel);
                var session = new Session
                {
                    TokenHash = hash,
                    UserId = user.Id,
                    CreatedAt = change.Now,
                    SeenAt = change.Now,
                    ExpiresAt = change.Now + Longest,
                    Device = device.Text.Length <= MostDeviceCharacters ? device.Text : device.Text[..MostDeviceCharacters],
                    Address = device.Address,
                };
                change.Db.Add(session);
                change.Audit("sign_in.succeeded", user.Email, null, new { how });
                return new NewSession(token, session.ExpiresAt);
            },
            actor,
            cancel);
    }

    /// <summary>Those that a person has, the last used first.</summary>
    public async Task<IReadOnlyList<Session>> ListAsync(int userId, CancellationToken cancel)
    {
        DateTime now = time.UtcNow();
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<Session>().Where(s => s.UserId == userId && s.ExpiresAt > now).OrderByDescending(s => s.SeenAt).ToListAsync(cancel);
    }

    /// <summary>Signs a browser out.</summary>
    public Task EndAsync(Session session, Actor actor, CancellationToken cancel) => changes.RunAsync(
        async change =>
        {
            if (await change.Db.Set<Session>().Where(s => s.Id == session.Id).ExecuteDeleteAsync(change.Cancel) > 0)
            {
                change.Audit("signed_out", actor.Name, null);
            }

            return true;
        },
        actor,
        cancel);

    /// <summary>Ends the sessions of a person, but for one.</summary>
    /// <param name="only">This one alone; null for all.</param>
    /// <returns>How many there were.</returns>
    public Task<int> EndOthersAsync(int userId, int keptId, int? only, Actor actor, CancellationToken cancel) => changes.RunAsync(
        async change =>
        {
            int ended = await change.Db.Set<Session>()
                .Where(s => s.UserId == userId && s.Id != keptId && (only == null || s.Id == only))
                .ExecuteDeleteAsync(change.Cancel);
            if (ended > 0)
            {
                change.Audit("sessions.ended", actor.Name, null, new { ended });
            }

            return ended;
        },
        actor,
        cancel);

    /// <summary>Notes when sessions were last used.</summary>
    internal async Task NoteUseAsync(IReadOnlyDictionary<int, DateTime> lastUses, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        foreach ((int id, DateTime at) in lastUses)
        {
            await db.Set<Session>().Where(s => s.Id == id && s.SeenAt < at).ExecuteUpdateAsync(s => s.SetProperty(x => x.SeenAt, at), cancel);
        }
    }

    /// <summary>Ends what nobody uses any longer, and what has lasted long enough.</summary>
    internal async Task EndIdleAsync(CancellationToken cancel)
    {
        DateTime now = time.UtcNow();
        DateTime idle = now - Idle;
        await using (LlmEvalDb db = await databases.CreateDbContextAsync(cancel))
        {
            if (!await db.Set<Session>().AnyAsync(s => s.SeenAt <= idle || s.ExpiresAt <= now, cancel))
            {
                return;
            }
        }

        await changes.RunAsync(
            change => change.Db.Set<Session>().Where(s => s.SeenAt <= idle || s.ExpiresAt <= now).ExecuteDeleteAsync(change.Cancel),
            Actor.System,
            cancel);
    }
}
