using System.Collections.Frozen;
using System.Net;
using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Web.Streaming;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace LlmEval.Web.Access;

/// <summary>Finds out who makes a request: by their key, their session, or because nobody has to say yet.</summary>
public sealed class CallerFinder(
    AccessDirectory directory, KeyUse use, SessionUse sessionUse, StreamTokens tokens, IOptions<AccessOptions> options, TimeProvider time)
{
    private const string Bearer = "Bearer ";
    public const string KeyHeader = "X-API-Key";

    private static readonly FrozenSet<string> Forwarding = new[]
    {
        "Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Server", "X-Real-IP", "CF-Connecting-IP",
        "True-Client-IP", "X-Client-IP", ForwardedHeadersDefaults.XOriginalForHeaderName, ForwardedHeadersDefaults.XOriginalProtoHeaderName,
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>There is no key and no user yet, and nobody said that there has to be one.</summary>
    public bool IsOpen(AccessBook book) => book.IsOpen && !options.Value.RequireSignIn;

    /// <summary>Open to everybody, not to this machine alone.</summary>
    public bool IsOpenToAll(AccessBook book) => IsOpen(book) && options.Value.AllowAnonymous;

    /// <param name="project">Which the address names; null when it names none.</param>
    /// <returns>Null when their credentials are missing or no good: which of them is not said.</returns>
    public async ValueTask<Caller?> FindAsync(HttpContext context, Project? project)
    {
        AccessBook book = directory.Book;
        AccessOptions own = options.Value;
        if (IsOpen(book))
        {
            bool isThisMachine = IsThisMachine(context);
            if (isThisMachine || (own.AllowAnonymous && own.IsAnonymousHost(context.Request.Host.Host)))
            {
                return OpenTo(book, project?.Id ?? Projects.Default, isThisMachine);
            }
        }

        if (Find(context, book, project) is { } caller)
        {
            return caller;
        }

        await directory.CatchUpAsync(context.RequestAborted);
        return directory.Book == book ? null : Find(context, directory.Book, project);
    }

    /// <summary>Who has a circuit open, and what they may do now.</summary>
    /// <param name="sessionHash">Null for one that was opened without credentials.</param>
    public Caller? Find(byte[]? sessionHash, int projectId)
    {
        AccessBook book = directory.Book;
        return sessionHash is null ? IsOpen(book) ? OpenTo(book, projectId) : null : FindPerson(book, sessionHash, projectId);
    }

    /// <summary>Who was let in before, and what they may do now in the same project.</summary>
    public Caller? FindAgain(Caller caller)
    {
        AccessBook book = directory.Book;
        return caller switch
        {
            { Session: { } session } => FindPerson(book, session.TokenHash, caller.ProjectId),
            { Key: { } key } => book.FindKeyNamed(key.PublicId, time.UtcNow()) is null ? null : caller,
            _ => IsOpen(book) ? caller : null,
        };
    }

    /// <summary>That somebody did something: sessions that are not used end.</summary>
    public Caller? Noted(Caller? caller)
    {
        if (caller?.Session is { } session)
        {
            sessionUse.Note(session.Id, time.UtcNow());
        }

        return caller;
    }

    private static Caller OpenTo(AccessBook book, int projectId, bool isThisMachine = false) =>
        new(CallerKind.Open, "this machine", projectId, book.RightsOfAll(projectId)) { AdministersServer = true, IsThisMachine = isThisMachine };

    private Caller? Find(HttpContext context, AccessBook book, Project? project)
    {
        bool asksByKey = TryReadKey(context.Request, out string? token);
        if (context.GetEndpoint()?.Metadata.GetMetadata<OpenStream>() is not null && context.Request.Query[StreamTokens.Parameter] is { Count: > 0 } given)
        {
            return asksByKey || given is not [{ } only] ? null : FindByToken(book, only, project);
        }

        if (asksByKey)
        {
            return token is null ? null : FindKey(book, token, project);
        }

        return SessionCookie.Read(context.Request) is { } cookie
            ? Noted(FindPerson(book, SecretToken.Hash(cookie), project?.Id ?? Projects.Default))
            : null;
    }

    private Caller? FindKey(AccessBook book, string token, Project? project)
    {
        DateTime now = time.UtcNow();
        if (book.FindKey(token, now) is not { } key)
        {
            return null;
        }

        use.Note(key.Id, now);

        // A key belongs to its project; at another's address it may do nothing.
        bool isElsewhere = project is not null && project.Id != key.ProjectId;
        Rights rights = isElsewhere ? Rights.None : RightsOf.Scopes(key.Scopes);
        return new Caller(CallerKind.Key, key.Name, project?.Id ?? key.ProjectId, rights)
        {
            Key = key,
            AdministersServer = key.ProjectId == Projects.Default && rights.HasFlag(Rights.Admin),
        };
    }

    private Caller? FindByToken(AccessBook book, string text, Project? project)
    {
        if (tokens.Read(text) is not { } token || StreamTokens.MakerOf(token, book, time.UtcNow(), IsOpen(book)) is not { } maker)
        {
            return null;
        }

        bool isElsewhere = project is not null && project.Id != token.ProjectId;
        return maker with { Rights = isElsewhere ? Rights.None : maker.Rights & Rights.Read, Until = token.Expires };
    }

    private Caller? FindPerson(AccessBook book, byte[] sessionHash, int projectId) =>
        book.FindSession(sessionHash, time.UtcNow()) is var (session, user)
            ? new Caller(CallerKind.Person, user.Name, projectId, book.RightsIn(projectId, user))
            {
                User = user,
                Session = session,
                AdministersServer = book.RightsIn(Projects.Default, user).HasFlag(Rights.Admin),
            }
            : null;

    /// <summary>Whether there is a key, good or not.</summary>
    public static bool AsksByKey(HttpRequest request) => request.Headers.Authorization.Count + request.Headers[KeyHeader].Count > 0;

    /// <returns>True when there is a key, even one that is spoilt: a second way in is not tried then.</returns>
    private static bool TryReadKey(HttpRequest request, out string? token)
    {
        StringValues authorization = request.Headers.Authorization;
        StringValues own = request.Headers[KeyHeader];
        token = (authorization.Count, own.Count) switch
        {
            (1, 0) when authorization[0]!.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) => authorization[0]![Bearer.Length..].Trim(),
            (0, 1) => own[0],
            _ => null,
        };
        return AsksByKey(request);
    }

    /// <summary>
    /// A browser page of another site that points its own name at 127.0.0.1 is kept out by the Host header; what a proxy on this
    /// machine passes on, by the headers that proxies add.
    /// </summary>
    private static bool IsThisMachine(HttpContext context) =>
        LoopbackAddress.Is(context.Request.Host.Host)

        // No peer address means no network: a test's in-memory server or a Unix socket.
        && IPAddress.IsLoopback(context.Connection.RemoteIpAddress ?? IPAddress.Loopback)
        && !IsPassedOn(context.Request.Headers);

    private static bool IsPassedOn(IHeaderDictionary headers)
    {
        foreach (KeyValuePair<string, StringValues> header in headers)
        {
            if (Forwarding.Contains(header.Key))
            {
                return true;
            }
        }

        return false;
    }
}
