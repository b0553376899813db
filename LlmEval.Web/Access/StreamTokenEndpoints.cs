using System.Text.Json.Serialization;
using LlmEval.Core.Access;
using LlmEval.Web.Problems;
using LlmEval.Web.Reference;

namespace LlmEval.Web.Access;

/// <param name="ExpiresIn">Seconds.</param>
internal sealed record StreamTokenShape(
    [property: JsonPropertyName("token")] string Token,
    [property: JsonPropertyName("expires_at")] DateTime ExpiresAt,
    [property: JsonPropertyName("expires_in")] int ExpiresIn);

internal static class StreamTokenEndpoints
{
    /// <summary>Maps the making of tokens for streams.</summary>
    public static IEndpointRouteBuilder MapStreamTokens(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/stream-tokens", Make)
            .Needs(Rights.Read)
            .WithName("MakeStreamToken")
            .WithSummary("Make a token that opens streams")
            .WithDescription("For EventSource, which can send no header: as access_token in the address of a stream, any number of times for ten minutes.")
            .WithTags("Streams")
            .Produces<StreamTokenShape>()
            .ProducesProblems(503);
        return routes;
    }

    private static IResult Make(HttpContext context, StreamTokens tokens)
    {
        (string token, DateTime expires) = tokens.Make(Caller.Of(context));
        return WebJson.Answer(new StreamTokenShape(token, expires, (int)StreamTokens.Lifetime.TotalSeconds));
    }
}
