using LlmEval.Core.Access;
using LlmEval.Web.Limits;
using LlmEval.Web.Problems;
using LlmEval.Web.Streaming;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Access;

/// <summary>
/// Lets a request pass to an endpoint whose rights its caller has in the project at hand. What an endpoint does not say it needs
/// nobody has, so one that was forgotten stays closed.
/// </summary>
internal sealed class AccessGate(
    RequestDelegate next,
    CallerFinder callers,
    SignatureCheck signatures,
    CallerLimits limits,
    AccessDirectory directory,
    IOptions<CrossOriginOptions> crossOrigin)
{
    private const string NoStore = "no-store";
    private const string Circuits = "/_blazor";

    public Task InvokeAsync(HttpContext context)
    {
        // Who asks is known at once but for few: nothing of this is then kept until the answer is given.
        ValueTask<bool> deciding = DecideAsync(context);
        return deciding.IsCompletedSuccessfully && deciding.Result ? next(context) : AfterAsync(deciding, context);
    }

    private async Task AfterAsync(ValueTask<bool> deciding, HttpContext context)
    {
        if (await deciding)
        {
            await next(context);
        }
    }

    /// <returns>Whether the request goes on; if not, it was answered.</returns>
    private async ValueTask<bool> DecideAsync(HttpContext context)
    {
        Rights? needed = NeededFor(context);
        if (needed == Rights.None)
        {
            return true;
        }

        if (directory.Known is null)
        {
            await Problem.DatabaseAway().WriteAsync(context);
            return false;
        }

        Project? project = context.Features.Get<Project>();
        Caller? caller = await callers.FindAsync(context, project);
        if (caller?.Kind != CallerKind.Open)
        {
            // What only some may see is kept by no cache on its way, and neither is that somebody may not; endpoints that know better say so themselves.
            context.Response.Headers.CacheControl = NoStore;
        }

        int projectId = project?.Id ?? caller?.ProjectId ?? Projects.Default;
        bool isElsewhere = caller is { Kind: CallerKind.Key, Rights: Rights.None };
        if (!isElsewhere && context.GetEndpoint()?.Metadata.GetMetadata<SignedBody>() is { } body && signatures.IsAskedFor(projectId))
        {
            (caller, Problem? problem) = await signatures.RunAsync(context, body, caller, projectId);
            if (problem is not null)
            {
                await RefuseAsync(context, problem);
                return false;
            }
        }

        if (caller is not null && needed is { } rights && caller.May(rights) && MayEnter(context, caller))
        {
            context.Features.Set(caller);

            // What is nowhere is answered with a page too.
            if (caller.Kind is CallerKind.Open or CallerKind.Person && (IsPage(context) || context.GetEndpoint() is not RouteEndpoint))
            {
                context.User = caller.ToPrincipal();
            }

            return true;
        }

        if (IsToldByAPage(context, caller))
        {
            // The page's place says what its role lacks, between the pages that are open to it; the page itself is not made.
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            context.Features.Set(caller!);
            context.User = caller!.ToPrincipal();
            return true;
        }

        await RefuseAsync(context, caller);
        return false;
    }

    /// <summary>Whoever sees the project's pages and opens one that their role may not see.</summary>
    private static bool IsToldByAPage(HttpContext context, Caller? caller) =>
        caller is { Kind: CallerKind.Person } && caller.May(Rights.Read) && HttpMethods.IsGet(context.Request.Method)
        && context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null && WantsPage(context);

    private static bool WantsPage(HttpContext context) =>
        context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private async Task RefuseAsync(HttpContext context, Problem problem)
    {
        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            problem = await limits.TakeRequestAsync(context, caller: null) ?? problem;
            context.Response.Headers.WWWAuthenticate = "Webhook-Signature realm=\"LlmEval\"";
        }

        await problem.WriteAsync(context);
    }

    private static Rights? NeededFor(HttpContext context)
    {
        // An address where nothing is, or not for this method or body, says so to those who may look around.
        if (context.GetEndpoint() is not RouteEndpoint endpoint || context.Request.Path.StartsWithSegments(Circuits))
        {
            return Rights.Read;
        }

        return endpoint.Metadata.GetMetadata<NeedsAttribute>()?.Rights;
    }

    private static bool IsPage(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null || context.Request.Path.StartsWithSegments(Circuits);

    /// <summary>Pages are for people. And what a browser sends along by itself counts only from our own pages.</summary>
    private bool MayEnter(HttpContext context, Caller caller) => caller.Kind switch
    {
        CallerKind.Key or CallerKind.Signed => !IsPage(context),
        CallerKind.Open when context.Request.Path.StartsWithSegments(Circuits) => SameOrigin.IsOrUnsaid(context.Request),

        // Whoever is let in without credentials is let in by them, from every page that a browser has open.
        CallerKind.Open => IsSafe(context.Request.Method) || SameOrigin.IsOrUnsaid(context.Request) || IsOfAnAllowedOrigin(context.Request),
        _ => SameOrigin.IsOrUnsaid(context.Request) || (HttpMethods.IsGet(context.Request.Method) && !context.Request.Path.StartsWithSegments(Circuits)),
    };

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private bool IsOfAnAllowedOrigin(HttpRequest request) =>
        request.Headers.Origin is [{ Length: > 0 } origin] && CrossOrigin.IsAllowed(origin, crossOrigin.Value.Origins);

    private async Task RefuseAsync(HttpContext context, Caller? caller)
    {
        // Whoever tries credentials has as many tries as others have requests.
        if (caller is null && await limits.TakeRequestAsync(context, caller) is { } tooMany)
        {
            await tooMany.WriteAsync(context);
            return;
        }

        await ExplainAsync(context, caller);
    }

    private Task ExplainAsync(HttpContext context, Caller? caller)
    {
        bool isForPerson = context.GetEndpoint()?.Metadata.GetMetadata<OpenStream>() is null && HttpMethods.IsGet(context.Request.Method) && !context.Request.Path.StartsWithSegments(Circuits)
            && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
        AccessBook book = directory.Book;
        if (caller is null && callers.IsOpen(book))
        {
            return new Problem(StatusCodes.Status403Forbidden, "Only this machine", "This server answers only requests to localhost from the same machine.")
            {
                Errors =
                [
                    "Use http://localhost or http://127.0.0.1 on the machine that runs the server. To open it to others, make an API key or the first "
                    + "user there (Settings). With LlmEval__AllowAnonymous=true, list the name that is used in LlmEval__AnonymousHosts__0.",
                ],
            }.WriteAsync(context);
        }

        if (caller is null)
        {
            if (isForPerson)
            {
                string back = context.Request.Path + context.Request.QueryString;
                context.Response.Redirect($"{context.Request.PathBase}/sign-in?return={Uri.EscapeDataString(back)}");
                return Task.CompletedTask;
            }

            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"LlmEval\"";
            return new Problem(StatusCodes.Status401Unauthorized, "Not signed in", "This needs an API key that is valid, or a signed-in browser.")
            { Errors = ["Send a key as \"Authorization: Bearer evk_…\" or in X-API-Key. Keys are made in Settings."] }.WriteAsync(context);
        }

        if (caller.Rights == Rights.None)
        {
            // Whose project it is, or whether there is one, is not said. A person who came without naming one is shown theirs.
            if (isForPerson && context.Features.Get<Project>() is null && caller.User is { } user && book.ProjectsOf(user).FirstOrDefault() is { } own)
            {
                context.Response.Redirect($"{ProjectPath.Prefix}/{own.Slug}{context.Request.Path}{context.Request.QueryString}");
                return Task.CompletedTask;
            }

            if (isForPerson && caller.User is { } lost && !book.ProjectsOf(lost).Any())
            {
                context.Response.Redirect($"{context.Request.PathBase}/sign-in");
                return Task.CompletedTask;
            }

            return Problem.NotFound("There is nothing here.").WriteAsync(context);
        }

        if (NeededFor(context) is { } asked && caller.May(asked) && !IsPage(context))
        {
            return new Problem(StatusCodes.Status403Forbidden, "Another site", "A page of another site cannot do this with what this browser may.")
            {
                Errors = ["Send an API key from there, and list the site in LlmEval__CrossOrigin__Origins__0."],
            }.WriteAsync(context);
        }

        string who = caller.Kind == CallerKind.Key ? $"The key \"{caller.Name}\"" : "Your role";
        string needs = NeededFor(context) is { } needed ? needed.ToString().ToLowerInvariant() : "more than anybody has";
        return new Problem(StatusCodes.Status403Forbidden, "Not allowed", $"{who} does not allow this. It needs: {needs}.")
        { Errors = [$"{who} allows: {caller.Rights.ToString().ToLowerInvariant()}."] }.WriteAsync(context);
    }
}
