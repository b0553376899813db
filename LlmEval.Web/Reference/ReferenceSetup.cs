using System.Security.Cryptography;
using LlmEval.Core.Access;
using LlmEval.Web.Access;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace LlmEval.Web.Reference;

/// <summary>The interface described by itself: <c>/openapi/v1.json</c>, and <c>/reference</c> to browse it.</summary>
public static class ReferenceSetup
{
    public const string PagePath = "/reference";

    private const string Document = "v1";

    // The page starts itself with an inline script: that one runs, by a number that nobody can guess, and no other.
    private static string Policy(string nonce) =>
        $"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + "font-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'";

    public static IServiceCollection AddReference(this IServiceCollection services) => services.AddOpenApi(Document, options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "LlmEval",
                Version = Document,
                Description = "Send traces of language model calls, follow them live, judge them.",
            };

            // The address is the reader's own; a fixed one would be wrong behind any proxy.
            document.Servers?.Clear();
            return Task.CompletedTask;
        });
        SecurityDescription.AddTo(options);
    });

    public static IEndpointRouteBuilder MapReference(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi().Needs(Rights.Read);
        routes.MapScalarApiReference(PagePath, Describe).Needs(Rights.Read);
        return routes;
    }

    private static void Describe(ScalarOptions options, HttpContext context)
    {
        string nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        context.Response.Headers.ContentSecurityPolicy = Policy(nonce);
        options
            .WithTitle("LlmEval reference")
            .WithOpenApiRoutePattern("/openapi/{documentName}.json")
            .WithNonce(nonce)

            // Nothing is loaded from elsewhere.
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent();
    }
}
