using LlmEval.Core.Access;
using LlmEval.Web.Access;
using LlmEval.Web.Problems;
using LlmEval.Web.Streaming;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace LlmEval.Web.Reference;

/// <summary>Who may call what, for the API description: made of the same marks that the gate goes by.</summary>
internal static class SecurityDescription
{
    private const string BearerKey = "bearerKey";
    private const string HeaderKey = "headerKey";
    private const string StreamToken = "streamToken";
    private const string Session = "session";

    public static void AddTo(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.AddComponent<IOpenApiSecurityScheme>(BearerKey, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "evk_…",
                Description = "An API key. Not asked for from the server's own machine while there is neither a key nor a user.",
            });
            document.AddComponent<IOpenApiSecurityScheme>(HeaderKey, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = CallerFinder.KeyHeader,
                Description = "The same API key, where Authorization is taken.",
            });
            document.AddComponent<IOpenApiSecurityScheme>(StreamToken, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Query,
                Name = StreamTokens.Parameter,
                Description = "A token of POST /api/stream-tokens, for EventSource, which can send no header.",
            });
            document.AddComponent<IOpenApiSecurityScheme>(Session, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Cookie,
                Name = SessionCookie.Name,
                Description = "Of a browser that is signed in: what its person may do, from this server's own pages.",
            });
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(DescribeAsync);
    }

    private static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        IList<object> marks = context.Description.ActionDescriptor.EndpointMetadata;
        Rights rights = marks.OfType<NeedsAttribute>().LastOrDefault()?.Rights ?? Rights.None;
        if (rights == Rights.None)
        {
            return Task.CompletedTask;
        }

        bool isForOwners = marks.OfType<OwnersOnly>().Any();
        string[] schemes = isForOwners ? [Session] : marks.OfType<OpenStream>().Any() ? [BearerKey, HeaderKey, StreamToken, Session] : [BearerKey, HeaderKey, Session];
        operation.Security = [.. schemes.Select(scheme => new OpenApiSecurityRequirement
        {
            [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [],
        })];
        string needs = isForOwners ? "For owners who are signed in; no key will do." : $"Needs the scope {string.Join(" and ", ScopeWords.Of(rights))}.";
        operation.Description = $"{operation.Description} {needs}".TrimStart();
        operation.Responses ??= [];
        foreach ((string status, string meaning) in ((string, string)[])[("401", "Nobody known"), ("403", "Somebody who may not"), ("429", "Too many requests")])
        {
            operation.Responses.TryAdd(status, new OpenApiResponse
            {
                Description = meaning,
                Content = new Dictionary<string, OpenApiMediaType> { [Problem.ContentType] = new() { Schema = new OpenApiSchemaReference(nameof(ProblemBody), context.Document) } },
            });
        }

        return Task.CompletedTask;
    }
}
