using System.Collections.Frozen;
using System.Security.Cryptography;

namespace LlmEval.Core.Access;

/// <summary>Who may do what, all of it, as it stood at a version. Immutable: a request asks one book and no other.</summary>
public sealed class AccessBook
{
    private static readonly byte[] NoHash = new byte[SHA256.HashSizeInBytes];

    private readonly FrozenDictionary<int, Project> _projects;
    private readonly FrozenDictionary<string, Project> _bySlug;
    private readonly FrozenDictionary<string, ApiKey> _keys;
    private readonly FrozenDictionary<int, User> _users;
    private readonly FrozenDictionary<string, User> _byEmail;
    private readonly FrozenDictionary<(int User, int Project), Role> _roles;
    private readonly FrozenDictionary<string, Session> _sessions;
    private readonly FrozenDictionary<int, WebhookSecret[]> _secrets;

    internal AccessBook(AccessRows rows)
    {
        Version = rows.Version;
        _projects = rows.Projects.ToFrozenDictionary(p => p.Id);
        _bySlug = rows.Projects.ToFrozenDictionary(p => p.Slug, StringComparer.Ordinal);
        _keys = rows.Keys.ToFrozenDictionary(k => k.PublicId, StringComparer.Ordinal);
        IsSetUp = rows.IsSetUp;
        _users = rows.Users.ToFrozenDictionary(u => u.Id);
        _byEmail = rows.Users.ToFrozenDictionary(u => u.Email, StringComparer.Ordinal);
        _roles = rows.Memberships.ToFrozenDictionary(m => (m.UserId, m.ProjectId), m => m.Role);
        _sessions = rows.Sessions.ToFrozenDictionary(s => Convert.ToHexString(s.TokenHash), StringComparer.Ordinal);
        _secrets = rows.Secrets.GroupBy(s => s.ProjectId).ToFrozenDictionary(g => g.Key, g => g.ToArray());
        Projects = [.. rows.Projects.OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase)];
    }

    public long Version { get; }

    /// <summary>By name.</summary>
    public IReadOnlyList<Project> Projects { get; }

    /// <summary>Nobody was ever given a way in: there is nothing yet that could be asked for.</summary>
    public bool IsOpen => _keys.Count == 0 && _users.Count == 0;

    /// <summary>The first owner was made.</summary>
    public bool IsSetUp { get; }

    public bool HasUsers => _users.Count > 0;

    public Project? FindProject(int id) => _projects.GetValueOrDefault(id);

    public Project? FindProject(string slug) => _bySlug.GetValueOrDefault(slug);

    public User? FindUser(int id) => _users.GetValueOrDefault(id);

    /// <param name="email">As <see cref="NewPerson.Tidy"/> makes it.</param>
    public User? FindUser(string email) => _byEmail.GetValueOrDefault(email);

    /// <summary>The network addresses from which a person is signed in.</summary>
    public IEnumerable<string?> AddressesOf(User user) => _sessions.Values.Where(s => s.UserId == user.Id).Select(s => s.Address);

    public bool HasSecrets(int projectId, DateTime now) => SecretsOf(projectId, now).Any();

    /// <summary>Those that hold now.</summary>
    public IEnumerable<WebhookSecret> SecretsOf(int projectId, DateTime now) =>
        _secrets.TryGetValue(projectId, out WebhookSecret[]? all) ? all.Where(s => !(s.ExpiresAt <= now)) : [];

    /// <returns>Null for a token that is unknown, expired or revoked: which of them is nobody's business.</returns>
    public ApiKey? FindKey(string token, DateTime now)
    {
        ApiKey? key = ApiKeyToken.PublicIdOf(token) is { } id ? _keys.GetValueOrDefault(id) : null;

        // The same work for an unknown key as for a known one.
        bool isIt = CryptographicOperations.FixedTimeEquals(SecretToken.Hash(token), key?.Hash ?? NoHash);
        return isIt && key!.IsGood(now) ? key : null;
    }

    /// <summary>A key by the part of its token that may be shown.</summary>
    public ApiKey? FindKeyNamed(string publicId, DateTime now) => _keys.GetValueOrDefault(publicId) is { } key && key.IsGood(now) ? key : null;

    /// <param name="tokenHash">SHA-256 of what the browser's cookie holds.</param>
    /// <returns>Null when it ended or its user may not come any more.</returns>
    public (Session Session, User User)? FindSession(byte[] tokenHash, DateTime now) =>
        _sessions.TryGetValue(Convert.ToHexString(tokenHash), out Session? session)
        && session.ExpiresAt > now
        && _users.TryGetValue(session.UserId, out User? user)
        && !user.IsDisabled
            ? (session, user)
            : null;

    /// <summary>What a person may do in a project; nothing when it is not theirs, or not there.</summary>
    public Rights RightsIn(int projectId, User user) =>
        user.IsOwner ? RightsOfAll(projectId) : _roles.TryGetValue((user.Id, projectId), out Role role) ? RightsOf.Role(role) : Rights.None;

    /// <summary>What who may do everything may do in a project: nothing when it is not there.</summary>
    public Rights RightsOfAll(int projectId) => _projects.ContainsKey(projectId) ? Rights.All : Rights.None;

    /// <summary>The projects of a person, by name.</summary>
    public IEnumerable<Project> ProjectsOf(User user) => Projects.Where(p => RightsIn(p.Id, user) != Rights.None);
}

internal sealed record AccessRows(
    long Version,
    bool IsSetUp,
    IReadOnlyList<Project> Projects,
    IReadOnlyList<ApiKey> Keys,
    IReadOnlyList<User> Users,
    IReadOnlyList<Membership> Memberships,
    IReadOnlyList<Session> Sessions,
    IReadOnlyList<WebhookSecret> Secrets);
