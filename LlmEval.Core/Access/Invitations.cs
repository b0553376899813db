using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Access;

/// <summary>What a person says of themselves when they follow a link.</summary>
/// <param name="PasswordHash">Of the password that they chose.</param>
public sealed record NewPerson(string Email, string Name, string PasswordHash)
{
    public const int MostEmailCharacters = 254;

    public const int MostNameCharacters = 80;

    /// <summary>Every rule that it breaks.</summary>
    public IReadOnlyList<string> FindFaults() => [.. FaultsOfEmail(Email), .. FaultsOfName(Name)];

    public static IEnumerable<string> FaultsOfName(string name)
    {
        if (name.Length > MostNameCharacters || !Naming.IsReadable(name))
        {
            yield return $"The name has to have 1 to {MostNameCharacters} characters, {Naming.Rule}.";
        }
    }

    public static IEnumerable<string> FaultsOfEmail(string email)
    {
        int at = email.IndexOf('@', StringComparison.Ordinal);
        if (at < 1 || at == email.Length - 1 || email.Length > MostEmailCharacters || email.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            yield return "The e-mail address is not one.";
        }
    }

    /// <summary>As it is stored and looked for.</summary>
    public static string Tidy(string email) => email.Trim().ToLowerInvariant();
}

/// <param name="Token">What the link holds; null when the person has an account, and got the role at once.</param>
/// <param name="Fault">Why there is neither, in words.</param>
public sealed record InvitationAnswer(string? Token, User? Added, string? Fault = null);

/// <param name="User">Null when there are faults, or the link does not hold any longer.</param>
public sealed record AcceptAnswer(User? User, IReadOnlyList<string> Faults);

/// <summary>Makes the links by which people come in, and lets those in who follow them.</summary>
public sealed class Invitations(IDbContextFactory<LlmEvalDb> databases, AccessChanges changes, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>Of a link that sets a password, or makes the first owner.</summary>
    public static readonly TimeSpan ShortLifetime = TimeSpan.FromDays(1);

    private static readonly AcceptAnswer Over = new(null, ["This link does not hold any longer: it was used, or is too old. Ask for a new one."]);

    /// <param name="email">Null when whoever follows the link says who they are.</param>
    public Task<InvitationAnswer> CreateAsync(int projectId, Role role, string? email, Actor actor, CancellationToken cancel)
    {
        (string token, byte[] hash) = SecretToken.Make();
        string? tidy = email is null ? null : NewPerson.Tidy(email);
        return changes.RunAsync(
            async change =>
            {
                if (tidy is not null && await change.Db.Set<User>().SingleOrDefaultAsync(u => u.Email == tidy, change.Cancel) is { } known)
                {
                    if (!await IsVouchedForAsync(change, known))
                    {
                        return new InvitationAnswer(null, null, $"An account with this address was made by a link that named nobody: {known.Name} may or may not be who you mean. "
                            + "Ask them, and have an owner give them the role in the list of people.");
                    }

                    if (await change.Db.Set<Membership>().SingleOrDefaultAsync(m => m.ProjectId == projectId && m.UserId == known.Id, change.Cancel) is { } has
                        && has.Role > role)
                    {
                        return new InvitationAnswer(null, null, $"{known.Name} belongs to this project already, as {has.Role.ToString().ToLowerInvariant()}. "
                            + "An invitation takes no rights away; the list of people does.");
                    }

                    await change.SetRoleAsync(projectId, known, role);
                    return new InvitationAnswer(null, known);
                }

                change.Db.Add(New(change, hash, Lifetime, i => (i.ProjectId, i.Role, i.Email) = (projectId, role, tidy)));
                change.Audit("person.invited", tidy ?? "whoever has the link", projectId, new { role = role.ToString() });
                return new InvitationAnswer(token, null);
            },
            actor,
            cancel);
    }

    /// <summary>A link by which a person sets a new password.</summary>
    public Task<string> CreateResetAsync(User user, Actor actor, CancellationToken cancel)
    {
        (string token, byte[] hash) = SecretToken.Make();
        return changes.RunAsync(
            change =>
            {
                change.Db.Add(New(change, hash, ShortLifetime, i => (i.UserId, i.Email) = (user.Id, user.Email)));
                change.Audit("person.reset_link_made", user.Email, null);
                return Task.FromResult(token);
            },
            actor,
            cancel);
    }

    /// <summary>The link by which the first owner makes their account. Several may be made; the first that is used ends all.</summary>
    /// <returns>Null when there was a first owner already.</returns>
    public Task<string?> CreateSetUpAsync(Actor actor, CancellationToken cancel)
    {
        (string token, byte[] hash) = SecretToken.Make();
        return changes.RunAsync(
            async change =>
            {
                if (await change.IsSetUpAsync())
                {
                    return null;
                }

                change.Db.Add(New(change, hash, ShortLifetime, i => i.MakesOwner = true));
                change.Audit("set_up.link_made", "the first owner", null);
                return token;
            },
            actor,
            cancel);
    }

    /// <summary>The links that wait to be followed, the newest first.</summary>
    /// <param name="all">Those too that set somebody's password.</param>
    public async Task<IReadOnlyList<Invitation>> ListAsync(int projectId, bool all, CancellationToken cancel)
    {
        DateTime now = time.UtcNow();
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await Waiting(db, projectId, all, now).OrderByDescending(i => i.Id).ToListAsync(cancel);
    }

    /// <returns>False when there is no such link that waits.</returns>
    /// <inheritdoc cref="ListAsync"/>
    public Task<bool> CancelAsync(int projectId, int id, bool all, Actor actor, CancellationToken cancel) => changes.RunAsync(
        async change =>
        {
            Invitation? link = await Waiting(change.Db, projectId, all, change.Now).SingleOrDefaultAsync(i => i.Id == id, change.Cancel);
            if (link is null)
            {
                return false;
            }

            change.Db.Remove(link);
            change.Audit("person.link_cancelled", link.Email ?? "whoever has the link", link.ProjectId, new { role = link.UserId is null ? link.Role.ToString() : null });
            return true;
        },
        actor,
        cancel);

    /// <returns>Null for a link that does not hold: whether it ever did is nobody's business.</returns>
    public async Task<Invitation?> FindAsync(string token, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        Invitation? invitation = await Holding(db, token, time.UtcNow()).SingleOrDefaultAsync(cancel);
        bool tooLate = invitation is { MakesOwner: true } && await db.Set<AccessHead>().AnyAsync(h => h.IsSetUp, cancel);
        return tooLate ? null : invitation;
    }

    /// <summary>Uses the link up: makes the account, or sets the new password and ends the person's sessions.</summary>
    /// <param name="actor">Whence it is used; the name is that of the person.</param>
    public Task<AcceptAnswer> AcceptAsync(string token, NewPerson person, Actor actor, CancellationToken cancel) => changes.RunAsync(
        async change =>
        {
            Invitation? invitation = await Holding(change.Db, token, change.Now).AsTracking().SingleOrDefaultAsync(change.Cancel);
            if (invitation is null || (invitation.MakesOwner && await change.IsSetUpAsync()))
            {
                return Over;
            }

            AcceptAnswer answer = invitation.UserId is { } userId
                ? await ResetAsync(change, invitation, userId, person.PasswordHash)
                : await JoinAsync(change, invitation, person);
            if (answer.User is not null)
            {
                invitation.UsedAt = change.Now;
            }

            return answer;
        },
        actor,
        cancel);

    private static async Task<AcceptAnswer> ResetAsync(AuditedTransaction change, Invitation link, int userId, string passwordHash)
    {
        User user = await change.Db.Set<User>().AsTracking().SingleAsync(u => u.Id == userId, change.Cancel);
        user.PasswordHash = passwordHash;
        await change.Db.Set<Session>().Where(s => s.UserId == userId).ExecuteDeleteAsync(change.Cancel);
        await change.Db.Set<Invitation>().Where(i => i.UserId == userId && i.UsedAt == null && i.Id != link.Id).ExecuteDeleteAsync(change.Cancel);
        change.Audit("person.password_reset", user.Email, null);
        return new AcceptAnswer(user, []);
    }

    private static async Task<AcceptAnswer> JoinAsync(AuditedTransaction change, Invitation invitation, NewPerson person)
    {
        person = person with { Email = invitation.Email ?? NewPerson.Tidy(person.Email), Name = person.Name.Trim() };
        if (person.FindFaults() is { Count: > 0 } faults)
        {
            return new AcceptAnswer(null, faults);
        }

        if (await change.Db.Set<User>().AnyAsync(u => u.Email == person.Email, change.Cancel))
        {
            return new AcceptAnswer(null, ["There is an account with this e-mail address. Sign in with it, and ask whoever invited you to give it the role."]);
        }

        var user = new User
        {
            Email = person.Email,
            Name = person.Name,
            PasswordHash = person.PasswordHash,
            IsOwner = invitation.MakesOwner,
            CreatedAt = change.Now,
        };
        change.Db.Add(user);
        await change.Db.SaveChangesAsync(change.Cancel);
        if (invitation.MakesOwner)
        {
            await change.Db.Set<AccessHead>().ExecuteUpdateAsync(h => h.SetProperty(x => x.IsSetUp, true), change.Cancel);
        }

        if (invitation.ProjectId is { } project)
        {
            change.Db.Add(new Membership { UserId = user.Id, ProjectId = project, Role = invitation.Role });
        }

        change.Audit("person.joined", user.Email, invitation.ProjectId, new { name = user.Name, owner = user.IsOwner, role = invitation.Role.ToString() });
        return new AcceptAnswer(user, []);
    }

    /// <summary>The address is theirs by somebody else's word: a provider's, or that of whoever sent a link to it. Whoever follows a link that names nobody may type any.</summary>
    private static async Task<bool> IsVouchedForAsync(AuditedTransaction change, User user) =>
        user.IsOwner || user.Issuer is not null || await change.Db.Set<Invitation>()
            .AnyAsync(i => i.Email == user.Email && i.UserId == null && i.UsedAt != null && i.UsedAt <= user.CreatedAt, change.Cancel);

    private static Invitation New(AuditedTransaction change, byte[] hash, TimeSpan lifetime, Action<Invitation> set)
    {
        var invitation = new Invitation
        {
            TokenHash = hash,
            CreatedAt = change.Now,
            CreatedBy = change.Actor.Name,
            CreatedByUserId = change.Actor.UserId,
            ExpiresAt = change.Now + lifetime,
        };
        set(invitation);
        return invitation;
    }

    private static IQueryable<Invitation> Waiting(LlmEvalDb db, int projectId, bool all, DateTime now) => db.Set<Invitation>()
        .Where(i => i.UsedAt == null && i.ExpiresAt > now && (i.ProjectId == projectId || (all && i.UserId != null)));

    private static IQueryable<Invitation> Holding(LlmEvalDb db, string token, DateTime now)
    {
        byte[] hash = SecretToken.Hash(token);
        return db.Set<Invitation>().Where(i => i.TokenHash == hash && i.UsedAt == null && i.ExpiresAt > now);
    }
}
