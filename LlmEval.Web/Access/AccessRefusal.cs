using LlmEval.Core.Access;
using LlmEval.Web.Problems;
using LlmEval.Web.Streaming;
using Microsoft.Extensions.Primitives;

namespace LlmEval.Web.Access;

/// <summary>Tells whoever is not let in why, and nothing of what they may not know of.</summary>
internal sealed class AccessRefusal(CallerFinder callers, AccessDirectory directory)
{
    /// <summary>Escaping makes an address longer, and the web server takes no request line of more than 8 KiB.</summary>
    private const int MostReturnCharacters = 7_000;

    private const string Bearer = "Bearer realm=\"LlmEval\"";

    /// <param name="caller">Null for somebody who is not known.</param>
    /// <param name="needed">Null for what nobody may do.</param>
    public Task ExplainAsync(HttpContext context, Caller? caller, Rights? needed)
    {
        if (caller is null)
        {
            return callers.IsOpen(directory.Book) ? OnlyThisMachine().WriteAsync(context) : NotSignedInAsync(context);
        }

        if (caller.Rights == Rights.None)
        {
            return NotThereAsync(context, caller);
        }

        bool isAllowedFromHere = needed is { } asked && caller.May(asked) && !context.IsOfPage();
        return (isAllowedFromHere ? AnotherSite() : NotAllowed(caller, needed)).WriteAsync(context);
    }

    private static Problem OnlyThisMachine() => new(
        StatusCodes.Status403Forbidden, "Only this machine", "This server answers only requests to localhost from the same machine.")
    {
        Errors =
        [
            "Use http://localhost or http://127.0.0.1 on the machine that runs the server. To open it to others, make an API key or the first "
            + "user there (Settings). With LlmEval__AllowAnonymous=true, list the name that is used in LlmEval__AnonymousHosts__0.",
        ],
    };

    private static Task NotSignedInAsync(HttpContext context)
    {
        if (IsForPerson(context))
        {
            string back = Uri.EscapeDataString(context.Request.Path + context.Request.QueryString);
            context.Response.Redirect($"{context.Request.PathBase}/sign-in{(back.Length > MostReturnCharacters ? "" : $"?return={back}")}");
            return Task.CompletedTask;
        }

        const string key = "Send a key as \"Authorization: Bearer evk_…\" or in X-API-Key. Keys are made in Settings.";
        bool takesSignatures = context.GetEndpoint()?.Metadata.GetMetadata<SignedBody>() is not null;
        context.Response.Headers.WWWAuthenticate = takesSignatures ? new StringValues([Bearer, SignatureCheck.Challenge]) : Bearer;
        return (takesSignatures
            ? new Problem(
                StatusCodes.Status401Unauthorized, "Not signed in", "This needs an API key that is valid or, where the project has webhook secrets, a valid signature.")
            { Errors = [key, SignatureCheck.HowToSign] }
            : new Problem(StatusCodes.Status401Unauthorized, "Not signed in", "This needs an API key that is valid, or a signed-in browser.")
            { Errors = [key] }).WriteAsync(context);
    }

    /// <summary>Whose project it is, or whether there is one, is not said. A person is led to theirs.</summary>
    private Task NotThereAsync(HttpContext context, Caller caller)
    {
        if (IsForPerson(context) && caller.User is { } user)
        {
            Project? own = directory.Book.ProjectsOf(user).FirstOrDefault();
            if (own is null)
            {
                context.Response.Redirect($"{context.Request.PathBase}/sign-in");
                return Task.CompletedTask;
            }

            string there = context.Features.Get<Project>() is null ? $"{context.Request.Path}{context.Request.QueryString}" : "/not-found";
            context.Response.Redirect($"{ProjectPath.Prefix}/{own.Slug}{there}");
            return Task.CompletedTask;
        }

        return Problem.NotFound("There is nothing here.").WriteAsync(context);
    }

    private static Problem AnotherSite() => new(
        StatusCodes.Status403Forbidden, "Another site", "A page of another site cannot do this with what this browser may.")
    {
        Errors = ["Send an API key from there, and list the site in LlmEval__CrossOrigin__Origins__0."],
    };

    private static Problem NotAllowed(Caller caller, Rights? needed)
    {
        string who = caller.Kind == CallerKind.Key ? $"The key \"{caller.Name}\"" : "Your role";
        string needs = needed is { } rights ? rights.ToString().ToLowerInvariant() : "more than anybody has";
        return new Problem(StatusCodes.Status403Forbidden, "Not allowed", $"{who} does not allow this. It needs: {needs}.")
        {
            Errors = [$"{who} allows: {caller.Rights.ToString().ToLowerInvariant()}."],
        };
    }

    private static bool IsForPerson(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<OpenStream>() is null && HttpMethods.IsGet(context.Request.Method)
        && !context.Request.IsOfCircuit() && context.Request.WantsPage();
}
