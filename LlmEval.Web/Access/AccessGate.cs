using LlmEval.Core.Access;
using LlmEval.Web.Limits;
using LlmEval.Web.Problems;
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

    private readonly AccessRefusal _refusal = new(callers, directory);

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
        bool isElsewhere = caller is { Rights: Rights.None };
        if (!isElsewhere && context.GetEndpoint()?.Metadata.GetMetadata<SignedBody>() is { } body && signatures.IsAskedFor(projectId))
        {
            (Caller? sender, Problem? problem) = await signatures.RunAsync(context, body, caller, projectId);
            if (problem is not null)
            {
                // Whoever is not known is not told that this project has secrets, and so is there. On an open server there is nobody to be known.
                bool isNobody = caller is null && problem.Status == StatusCodes.Status401Unauthorized && !callers.IsOpen(directory.Book);
                await (isNobody ? RefuseAsync(context, caller, needed) : RefuseAsync(context, problem));
                return false;
            }

            caller = sender;
        }

        if (caller is not null && needed is { } rights && caller.May(rights) && MayEnter(context, caller))
        {
            context.Features.Set(caller);

            // What is nowhere is answered with a page too.
            if (caller.Kind is CallerKind.Open or CallerKind.Person && (context.IsOfPage() || context.GetEndpoint() is not RouteEndpoint))
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

        await RefuseAsync(context, caller, needed);
        return false;
    }

    /// <summary>Whoever sees the project's pages and opens one that their role may not see.</summary>
    private static bool IsToldByAPage(HttpContext context, Caller? caller) =>
        caller is { Kind: CallerKind.Person } && caller.May(Rights.Read) && HttpMethods.IsGet(context.Request.Method)
        && context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null && context.Request.WantsPage();

    private async Task RefuseAsync(HttpContext context, Problem problem)
    {
        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            problem = await limits.TakeRequestAsync(context, caller: null) ?? problem;
            context.Response.Headers.WWWAuthenticate = SignatureCheck.Challenge;
        }

        await problem.WriteAsync(context);
    }

    private static Rights? NeededFor(HttpContext context)
    {
        // An address where nothing is, or not for this method or body, says so to those who may look around.
        if (context.GetEndpoint() is not RouteEndpoint endpoint || context.Request.IsOfCircuit())
        {
            return Rights.Read;
        }

        return endpoint.Metadata.GetMetadata<NeedsAttribute>()?.Rights;
    }

    /// <summary>Pages are for people. And what a browser sends along by itself counts only from our own pages.</summary>
    private bool MayEnter(HttpContext context, Caller caller) => caller.Kind switch
    {
        CallerKind.Key or CallerKind.Signed => !context.IsOfPage(),
        CallerKind.Open when context.Request.IsOfCircuit() => SameOrigin.IsOrUnsaid(context.Request),

        // Whoever is let in without credentials is let in by them, from every page that a browser has open.
        CallerKind.Open => IsSafe(context.Request.Method) || SameOrigin.IsOrUnsaid(context.Request) || IsOfAnAllowedOrigin(context.Request),
        _ => SameOrigin.IsOrUnsaid(context.Request) || (HttpMethods.IsGet(context.Request.Method) && !context.Request.IsOfCircuit()),
    };

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private bool IsOfAnAllowedOrigin(HttpRequest request) =>
        request.Headers.Origin is [{ Length: > 0 } origin] && CrossOrigin.IsAllowed(origin, crossOrigin.Value.Origins);

    private async Task RefuseAsync(HttpContext context, Caller? caller, Rights? needed)
    {
        // Whoever tries credentials is told of no more wrong ones than others have requests. Right ones are always let in: a stranger at the
        // same address must not lock out who has them.
        if (caller is null && await limits.TakeRequestAsync(context, caller) is { } tooMany)
        {
            await tooMany.WriteAsync(context);
            return;
        }

        await _refusal.ExplainAsync(context, caller, needed);
    }
}
