using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Access;

/// <param name="Role">In the project that was asked about; null for somebody who does not belong to it.</param>
/// <param name="SeenAt">When they last used a session that still holds.</param>
public sealed record Person(User User, Role? Role, DateTime? SeenAt);

/// <summary>Lists people, and changes what they are. What it returns is why it did not, in words, or null when it did.</summary>
public sealed class Users(IDbContextFactory<LlmEvalDb> databases, AccessChanges changes)
{
    private const string Gone = "There is no such person any longer.";
    private const string LastOwner = "This is the only owner left. Make somebody else an owner first.";

    /// <summary>By name.</summary>
    /// <param name="all">Those too who do not belong to the project.</param>
    public async Task<IReadOnlyList<Person>> ListAsync(int projectId, bool all, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        Dictionary<int, Role> roles = await db.Set<Membership>().Where(m => m.ProjectId == projectId).ToDictionaryAsync(m => m.UserId, m => m.Role, cancel);
        Dictionary<int, DateTime> seen = await db.Set<Session>().GroupBy(s => s.UserId)
            .Select(g => new { g.Key, At = g.Max(s => s.SeenAt) }).ToDictionaryAsync(s => s.Key, s => s.At, cancel);
        List<User> users = await db.Set<User>().ToListAsync(cancel);
        return
        [
            .. from user in users.OrderBy(u => u.Name, Naming.Order).ThenBy(u => u.Id)
               let role = roles.TryGetValue(user.Id, out Role given) ? given : (Role?)null
               where all || role is not null || user.IsOwner
               select new Person(user, role, seen.TryGetValue(user.Id, out DateTime at) ? at : null),
        ];
    }

    /// <param name="role">Null takes them out of the project.</param>
    public Task<string?> SetRoleAsync(int projectId, int userId, Role? role, Actor actor, CancellationToken cancel) =>
        ChangeAsync(userId, (change, user) => change.SetRoleAsync(projectId, user, role), actor, cancel);

    public Task<string?> SetOwnerAsync(int userId, bool owner, Actor actor, CancellationToken cancel) => ChangeAsync(
        userId,
        async (change, user) =>
        {
            if (!owner && await IsLastOwnerAsync(change, user))
            {
                return LastOwner;
            }

            user.IsOwner = owner;
            change.Audit("person.owner_changed", user.Email, null, new { owner });
            await change.EndLinksBeyondRightsAsync(user);
            return null;
        },
        actor,
        cancel);

    /// <summary>A disabled person is signed out everywhere, and cannot sign in.</summary>
    public Task<string?> SetDisabledAsync(int userId, bool disabled, Actor actor, CancellationToken cancel) => ChangeAsync(
        userId,
        async (change, user) =>
        {
            if (disabled && await IsLastOwnerAsync(change, user))
            {
                return LastOwner;
            }

            user.IsDisabled = disabled;
            if (disabled)
            {
                await change.Db.Set<Session>().Where(s => s.UserId == user.Id).ExecuteDeleteAsync(change.Cancel);
                await change.EndResetLinksAsync(user.Id);
                await change.EndLinksBeyondRightsAsync(user);
            }

            change.Audit(disabled ? "person.disabled" : "person.enabled", user.Email, null);
            return null;
        },
        actor,
        cancel);

    public async Task<string?> RenameAsync(int userId, string name, Actor actor, CancellationToken cancel)
    {
        if (NewPerson.FaultsOfName(name).FirstOrDefault() is { } fault)
        {
            return fault;
        }

        // Every change of access is read anew by all replicas: none is made for nothing.
        name = name.Trim();
        await using (LlmEvalDb db = await databases.CreateDbContextAsync(cancel))
        {
            if (await db.Set<User>().AnyAsync(u => u.Id == userId && u.Name == name, cancel))
            {
                return null;
            }
        }

        return await ChangeAsync(
            userId,
            (change, user) =>
            {
                change.Audit("person.renamed", user.Email, null, new { from = user.Name, to = name });
                user.Name = name;
                return Task.FromResult<string?>(null);
            },
            actor,
            cancel);
    }

    /// <param name="keptSession">The one that asks for it; their others end.</param>
    public Task<string?> SetPasswordAsync(int userId, string passwordHash, int keptSession, Actor actor, CancellationToken cancel) => ChangeAsync(
        userId,
        async (change, user) =>
        {
            user.PasswordHash = passwordHash;
            await change.Db.Set<Session>().Where(s => s.UserId == userId && s.Id != keptSession).ExecuteDeleteAsync(change.Cancel);
            await change.EndResetLinksAsync(userId);
            change.Audit("person.password_changed", user.Email, null);
            return null;
        },
        actor,
        cancel);

    private Task<string?> ChangeAsync(int userId, Func<AuditedTransaction, User, Task<string?>> set, Actor actor, CancellationToken cancel) =>
        changes.RunAsync(
            async change => await change.Db.Set<User>().AsTracking().SingleOrDefaultAsync(u => u.Id == userId, change.Cancel) is { } user
                ? await set(change, user)
                : Gone,
            actor,
            cancel);

    private static async Task<bool> IsLastOwnerAsync(AuditedTransaction change, User user) =>
        user is { IsOwner: true, IsDisabled: false }
        && !await change.Db.Set<User>().AnyAsync(u => u.Id != user.Id && u.IsOwner && !u.IsDisabled, change.Cancel);
}
