using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Access;

/// <summary>What a provider of identities says of somebody.</summary>
/// <param name="Issuer">With <paramref name="Subject"/>, who they are: nothing else is sure to stay theirs.</param>
/// <param name="Email">Null unless the provider knows that it is theirs.</param>
public sealed record ExternalIdentity(string Issuer, string Subject, string? Email, string? Name);

/// <param name="Domains">The only ones that come in by it; empty for all.</param>
/// <param name="DefaultRole">Of who was never here, in the project <c>default</c>; null lets nobody in who was not invited.</param>
/// <param name="LinkByEmail">An account with the same address becomes theirs, and its password and sessions end.</param>
public sealed record ExternalRules(IReadOnlyList<string> Domains, Role? DefaultRole, bool LinkByEmail);

/// <summary>Why a provider's word was not enough.</summary>
public enum ExternalRefusal
{
    None = 0,

    /// <summary>Their address is of another domain, or is not known to be theirs.</summary>
    Domain,

    /// <summary>Nobody invited them.</summary>
    NoAccount,

    /// <summary>The account with their address is another's, as far as is known.</summary>
    AddressTaken,
}

/// <summary>Finds the people whom a provider knows, and adds those who may come by themselves.</summary>
public sealed class ExternalUsers(AccessChanges changes)
{
    public Task<(User? User, ExternalRefusal Refusal)> FindOrAddAsync(ExternalIdentity identity, ExternalRules rules, Actor actor, CancellationToken cancel) =>
        changes.RunAsync(
            async change =>
            {
                (User? user, ExternalRefusal refusal) = await FindOrAddAsync(change, identity, rules);
                if (refusal != ExternalRefusal.None)
                {
                    change.Audit("sign_in.refused", identity.Email ?? identity.Subject, null, new { why = refusal.ToString(), issuer = identity.Issuer });
                }

                return (user, refusal);
            },
            actor,
            cancel);

    private static async Task<(User?, ExternalRefusal)> FindOrAddAsync(AuditedTransaction change, ExternalIdentity identity, ExternalRules rules)
    {
        string? email = identity.Email is { } given && !NewPerson.FaultsOfEmail(given).Any() ? NewPerson.Tidy(given) : null;
        if (rules.Domains.Count > 0 && !rules.Domains.Contains(email?.Split('@')[^1], StringComparer.OrdinalIgnoreCase))
        {
            return (null, ExternalRefusal.Domain);
        }

        DbSet<User> users = change.Db.Set<User>();
        if (await users.SingleOrDefaultAsync(u => u.Issuer == identity.Issuer && u.Subject == identity.Subject, change.Cancel) is { } known)
        {
            return (known, ExternalRefusal.None);
        }

        if (email is null)
        {
            return (null, ExternalRefusal.NoAccount);
        }

        if (await users.AsTracking().SingleOrDefaultAsync(u => u.Email == email, change.Cancel) is { } same)
        {
            if (!rules.LinkByEmail || same.Issuer is not null)
            {
                return (null, ExternalRefusal.AddressTaken);
            }

            // Whoever made the account may have typed an address that is not theirs: nothing that they hold opens it any longer.
            (same.Issuer, same.Subject, same.PasswordHash) = (identity.Issuer, identity.Subject, null);
            await change.Db.Set<Session>().Where(s => s.UserId == same.Id).ExecuteDeleteAsync(change.Cancel);
            await change.EndResetLinksAsync(same.Id);
            change.Audit("person.linked", email, null, new { issuer = identity.Issuer });
            return (same, ExternalRefusal.None);
        }

        return rules.DefaultRole is { } role ? (await AddAsync(change, identity, email, role), ExternalRefusal.None) : (null, ExternalRefusal.NoAccount);
    }

    private static async Task<User> AddAsync(AuditedTransaction change, ExternalIdentity identity, string email, Role role)
    {
        bool hasName = identity.Name is not null && !NewPerson.FaultsOfName(identity.Name).Any();
        var user = new User
        {
            Email = email,
            Name = hasName ? identity.Name!.Trim() : email.Split('@')[0],
            Issuer = identity.Issuer,
            Subject = identity.Subject,
            CreatedAt = change.Now,
        };
        change.Db.Add(user);
        await change.Db.SaveChangesAsync(change.Cancel);
        change.Db.Add(new Membership { UserId = user.Id, ProjectId = Projects.Default, Role = role });
        change.Audit("person.joined", email, Projects.Default, new { name = user.Name, role = role.ToString(), issuer = identity.Issuer });
        return user;
    }
}
