using LlmEval.Web.Problems;
using LlmEval.Web.Queries;
using Microsoft.OpenApi;

namespace LlmEval.Web.Reference;

/// <summary>What an endpoint takes and refuses, for the API description alone.</summary>
internal static class EndpointDescriptions
{
    /// <summary>Not Accepts, which would make routing answer a 415 of its own, without a body.</summary>
    public static RouteHandlerBuilder DescribesBody<T>(this RouteHandlerBuilder endpoint, params string[] mediaTypes) =>
        endpoint.AddOpenApiOperationTransformer(async (operation, context, cancel) =>
        {
            OpenApiSchema schema = await context.GetOrCreateSchemaAsync(typeof(T), null, cancel);
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = mediaTypes.ToDictionary(type => type, _ => new OpenApiMediaType { Schema = schema }),
            };
        });

    public static RouteHandlerBuilder DescribesQuery(this RouteHandlerBuilder endpoint, params IEnumerable<QueryParameter> parameters) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters = [.. operation.Parameters ?? [], .. parameters.Select(p => p.Describe())];
            return Task.CompletedTask;
        });

    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (int status in statuses)
        {
            endpoint.Produces<ProblemBody>(status, Problem.ContentType);
        }

        return endpoint;
    }

    /// <summary>Those of whatever takes traces.</summary>
    public static RouteHandlerBuilder ProducesIntakeProblems(this RouteHandlerBuilder endpoint) => endpoint.ProducesProblems(400, 409, 413, 415, 422, 503);
}
