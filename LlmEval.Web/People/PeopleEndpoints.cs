using LlmEval.Core.Access;
using LlmEval.Web.Access;
using LlmEval.Web.Limits;
using LlmEval.Web.Problems;

namespace LlmEval.Web.People;

internal static class PeopleEndpoints
{
    /// <summary>Maps the way out; the way in is a page.</summary>
    public static IEndpointRouteBuilder MapPeople(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/sign-out", SignOutAsync).Needs(Rights.None).WithMetadata(new CountedByAddress()).ExcludeFromDescription();
        routes.MapSingleSignOn();
        return routes;
    }

    // The gate asks nobody here, so that a session that has ended can be left too.
    private static async Task SignOutAsync(HttpContext context, SignIn signIn)
    {
        if (!SameOrigin.IsOrUnsaid(context.Request))
        {
            await new Problem(StatusCodes.Status400BadRequest, "Another site", "Only a page of this server signs out.").WriteAsync(context);
            return;
        }

        bool ended = await signIn.EndAsync(context);
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = $"{context.Request.PathBase}/sign-in{(ended ? "" : "?refused=ending")}";
    }
}
