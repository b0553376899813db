using LlmEval.Core.Access;
using LlmEval.Core.Storage;
using LlmEval.Web.Access;
using LlmEval.Web.Limits;

namespace LlmEval.Web.People;

/// <summary>Signs the browser of a request in and out.</summary>
public sealed class SignIn(
    AccessDirectory directory, Sessions sessions, Passwords passwords, SignInThrottle throttle, KnownBrowsers browsers, AuditLog audit, CallerFinder callers)
{
    /// <summary>The same for a wrong password as for somebody who is not known.</summary>
    private const string Wrong = "The e-mail address or the password is not right.";

    /// <returns>Why not, in words; null when the browser is signed in.</returns>
    public async Task<string?> WithPasswordAsync(HttpContext context, string email, string password)
    {
        string tidy = NewPerson.Tidy(email);
        if (tidy.Length > NewPerson.MostEmailCharacters)
        {
            // Nobody's, and nothing to remember.
            return Wrong;
        }

        string address = AddressOf(context) ?? "";
        string place = NetworkGroup.Of(context.Connection.RemoteIpAddress);
        await directory.CatchUpAsync(context.RequestAborted);
        User? user = directory.Book.FindUser(tidy);
        string? known = browsers.Find(context, tidy) ?? (user is not null && directory.Book.AddressesOf(user).Contains(address) ? address : null);
        if (throttle.Take(tidy, place, known) is { Ticks: > 0 } wait)
        {
            if (throttle.IsNews(tidy, place))
            {
                await audit.WriteAsync(ActorOf(context, tidy, null), "sign_in.refused", Shown(tidy), null, new { why = "too many attempts" }, context.RequestAborted);
            }

            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = $"{Math.Ceiling(wait.TotalSeconds):0}";
            return $"Too many attempts. Try again in {Math.Ceiling(wait.TotalSeconds):0} seconds.";
        }

        if (await passwords.VerifyAsync(user, password, known is not null, context.RequestAborted) is not { } isRight)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "5";
            return "Many people are signing in at this moment. Try again in a few seconds.";
        }

        if (!isRight || !await StartAsync(context, user!, "password"))
        {
            await audit.WriteAsync(ActorOf(context, tidy, null), "sign_in.failed", Shown(tidy), null, null, context.RequestAborted);
            return Wrong;
        }

        throttle.Forgive(tidy, place, known);
        browsers.Remember(context, tidy);
        return null;
    }

    /// <summary>For a person of whom it is known that it is them.</summary>
    /// <returns>False when they were disabled or changed meanwhile.</returns>
    public async Task<bool> StartAsync(HttpContext context, User user, string how)
    {
        // Another token each time: one that was planted in the browser before is worth nothing.
        byte[]? replaced = SessionCookie.Read(context.Request) is { } old ? SecretToken.Hash(old) : null;
        var device = new Device(context.Request.Headers.UserAgent.ToString(), AddressOf(context));
        NewSession? session = await sessions.StartAsync(user, how, device, replaced, ActorOf(context, user.Name, user.Id), context.RequestAborted);
        if (session is null)
        {
            return false;
        }

        SessionCookie.Set(context, session.Token, session.ExpiresAt);
        return true;
    }

    /// <summary>The browser forgets its session in any case: whoever leaves must not be kept by a database that is away.</summary>
    /// <returns>False when the session itself could not be ended.</returns>
    public async Task<bool> EndAsync(HttpContext context)
    {
        SessionCookie.Clear(context);
        try
        {
            if (await callers.FindAsync(context, null) is { Session: { } session } caller)
            {
                await sessions.EndAsync(session, caller.ToActor(context), context.RequestAborted);
            }

            return true;
        }
        catch (Exception e) when (Outage.Is(e))
        {
            return false;
        }
    }

    public static Actor ActorOf(HttpContext context, string name, int? userId) => new(userId is null ? Shown(name) : name, userId, null, AddressOf(context), context.TraceIdentifier);

    private static string? AddressOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString();

    // People type their password where the name belongs. What is no address is not written down.
    private static string Shown(string typed) => NewPerson.FaultsOfEmail(typed).Any() ? "somebody" : typed;
}
