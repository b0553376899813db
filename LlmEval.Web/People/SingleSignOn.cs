using System.Security.Claims;
using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.People;

/// <summary>What becomes of a person whom the provider sent back: a session of ours, or a word on the sign-in page.</summary>
public sealed partial class SingleSignOn(ExternalUsers users, SignIn signIn, IOptions<SingleSignOnOptions> options, TimeProvider time, ILogger<SingleSignOn> logger)
{
    private const int MostReasonCharacters = 500;

    // Anybody can call the address that a provider sends people back to.
    private readonly RepeatedFault _failed = new(time);

    /// <summary>Sends the browser to the provider, which has to say first where its sign-in is.</summary>
    /// <param name="back">A path of ours.</param>
    public async Task<IResult> SendAsync(HttpContext context, string back)
    {
        try
        {
            await context.ChallengeAsync(OpenIdConnectDefaults.AuthenticationScheme, new AuthenticationProperties { RedirectUri = back });
            return Results.Empty;
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            Note(e.InnerException?.Message ?? e.Message);
            return Results.Redirect(Refused("provider"));
        }
    }

    public async Task FinishAsync(TicketReceivedContext context)
    {
        // The provider's ticket ends here: nothing of it is kept in the browser.
        context.HandleResponse();
        try
        {
            context.Response.Redirect(await TrySignInAsync(context.HttpContext, context.Principal!) is { } refusal ? Refused(refusal) : context.ReturnUri ?? "/");
        }
        catch (Exception e) when (e is StorageNotReadyException || Outage.Is(e))
        {
            context.Response.Redirect(Refused("database"));
        }
    }

    public Task FailAsync(RemoteFailureContext context)
    {
        Note(context.Failure?.Message ?? "no reason given");
        context.HandleResponse();
        context.Response.Redirect(Refused("provider"));
        return Task.CompletedTask;
    }

    /// <summary>What the sign-in page says when it was reached with this word.</summary>
    public static string Words(string refusal) => refusal switch
    {
        nameof(ExternalRefusal.Domain) => "Your address is not of a domain that may come in here, or the provider did not say that it is yours.",
        nameof(ExternalRefusal.NoAccount) => "You have no account here. Ask somebody who administers this server to invite you.",
        nameof(ExternalRefusal.AddressTaken) => "There is an account with your address that signs in with a password.",
        "disabled" => "Your account is disabled.",
        RefusedForm.Value => RefusedForm.Words,
        "ending" => $"This browser is signed out. The database could not be reached, so the session itself is not ended: it ends after {Sessions.Idle.TotalHours:0} hours without use, or by you under Sessions when you sign in again.",
        "database" => "The database cannot be reached. Try again in a moment.",
        _ => "The sign-in through your organisation did not work. Try again.",
    };

    private void Note(string reason)
    {
        if (_failed.IsNews())
        {
            Log.Failed(logger, OneLine(reason));
        }
    }

    // Part of it is what the address says, which anybody can write.
    private static string OneLine(string text) =>
        string.Concat((text.Length <= MostReasonCharacters ? text : text[..MostReasonCharacters]).Select(c => char.IsControl(c) ? ' ' : c));

    private static string Refused(string why) => $"/sign-in?refused={why}";

    private async Task<string?> TrySignInAsync(HttpContext context, ClaimsPrincipal principal)
    {
        SingleSignOnOptions own = options.Value;
        string? email = principal.FindFirstValue("email");
        bool isTheirs = own.TrustEmail || string.Equals(principal.FindFirstValue("email_verified"), "true", StringComparison.OrdinalIgnoreCase);
        var identity = new ExternalIdentity(
            principal.FindFirstValue("iss")!, principal.FindFirstValue("sub")!, isTheirs ? email : null, principal.FindFirstValue("name"));
        var rules = new ExternalRules(own.AllowedDomains, own.DefaultRole, own.LinkByEmail);
        Actor actor = SignIn.ActorOf(context, email ?? identity.Subject, null);
        (User? user, ExternalRefusal refusal) = await users.FindOrAddAsync(identity, rules, actor, context.RequestAborted);
        return user is null ? refusal.ToString() : await signIn.StartAsync(context, user, "OpenID Connect") ? null : "disabled";
    }

    private static partial class Log
    {
        [LoggerMessage(320, LogLevel.Warning, "A sign-in through OpenID Connect failed: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
