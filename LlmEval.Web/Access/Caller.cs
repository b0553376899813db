using System.Security.Claims;
using LlmEval.Core.Access;
using LlmEval.Core.Writing;

namespace LlmEval.Web.Access;

/// <summary>How a caller was let in.</summary>
public enum CallerKind
{
    /// <summary>Without credentials, because there are none to ask for yet.</summary>
    Open,

    /// <summary>With an API key.</summary>
    Key,

    /// <summary>A person, signed in.</summary>
    Person,

    /// <summary>A webhook, by its signature.</summary>
    Signed,
}

/// <summary>Who makes a request, and what they may do in the project that it is about.</summary>
public sealed record Caller(CallerKind Kind, string Name, int ProjectId, Rights Rights)
{
    private const string SessionClaim = "llmeval:session";

    public ApiKey? Key { get; init; }

    public User? User { get; init; }

    public Session? Session { get; init; }

    /// <summary>Let in without credentials, and a program of the server's own machine: it has no limits.</summary>
    public bool IsThisMachine { get; init; }

    /// <summary>Looks after the server itself, as its alerts: owners, and administrators of the project <c>default</c>.</summary>
    public bool AdministersServer { get; init; }

    /// <summary>When what let them in ends, whatever they are doing; null when that is seen from their key or session.</summary>
    public DateTime? Until { get; init; }

    /// <summary>The signed message that lets them in; null where there is none, or it has no id.</summary>
    public SignedMessage? Message { get; init; }

    /// <summary>Makes projects, owners and people.</summary>
    public bool IsOwner => Kind == CallerKind.Open || User is { IsOwner: true };

    /// <summary>People sign in here, so that applications need a key.</summary>
    public bool AppsNeedKeys => Kind != CallerKind.Open;

    /// <summary>The projects that they may see, by name.</summary>
    public IEnumerable<Project> ProjectsIn(AccessBook book) => Kind switch
    {
        CallerKind.Open => book.Projects,
        CallerKind.Person => book.ProjectsOf(User!),
        _ => book.Projects.Where(p => p.Id == ProjectId),
    };

    public bool May(Rights needed) => (Rights & needed) == needed;

    /// <exception cref="InvalidOperationException">The request did not come through the gate.</exception>
    public static Caller Of(HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException("The request did not come through the gate.");

    /// <summary>For the audit log. Where there is no request, as on a page, the address is that from which the person signed in.</summary>
    public Actor ToActor() => new(Name, User?.Id, Key?.Id, Session?.Address);

    public Actor ToActor(HttpContext context) =>
        ToActor() with { Address = context.Connection.RemoteIpAddress?.ToString(), RequestId = context.TraceIdentifier };

    /// <summary>
    /// What a circuit is told of who opened it: no more than where to look what they may do now. Antiforgery tokens are made for a
    /// name: that of the session.
    /// </summary>
    public ClaimsPrincipal ToPrincipal() => Session is { } session
        ? new ClaimsPrincipal(new ClaimsIdentity(
            [new Claim(SessionClaim, Convert.ToHexString(session.TokenHash))], "session", nameType: SessionClaim, roleType: null))
        : new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "open")], "open"));

    /// <returns>The hash of the session's token; null for a circuit that was opened without credentials.</returns>
    public static byte[]? SessionOf(ClaimsPrincipal principal) =>
        principal.FindFirst(SessionClaim) is { } claim ? Convert.FromHexString(claim.Value) : null;
}
