using LlmEval.Web.Problems;

namespace LlmEval.Web.Access;

/// <summary>Endpoint metadata: for owners of the installation who are signed in, and for no key.</summary>
internal sealed record OwnersOnly;

/// <summary>Says at an endpoint that it is for owners.</summary>
internal static class OwnersOnlyExtensions
{
    /// <param name="why">What those are told who are none.</param>
    public static RouteHandlerBuilder ForOwners(this RouteHandlerBuilder endpoint, string why) =>
        endpoint.WithMetadata(new OwnersOnly()).AddEndpointFilter((context, next) => Caller.Of(context.HttpContext).IsOwner
            ? next(context)
            : ValueTask.FromResult<object?>(new ProblemResult(new Problem(StatusCodes.Status403Forbidden, "Not allowed", why) { Errors = [why] })));
}
