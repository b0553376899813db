using System.Net;
using System.Text;
using LlmEval.Core.Access;
using LlmEval.Web.Access;
using LlmEval.Web.Problems;
using Microsoft.Net.Http.Headers;

namespace LlmEval.Web.Sdk;

/// <summary>The SDKs of this very version, to be installed from the server itself: no registry is needed.</summary>
internal static class SdkEndpoints
{
    private const string Tag = "SDKs";
    private const string Html = "text/html";

    public static IEndpointRouteBuilder MapSdks(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sdk", List)
            .Needs(Rights.None)
            .WithName("ListSdks")
            .WithSummary("The SDKs that this server hands out, and how to install them")
            .WithDescription("As a page of links for browsers and for pip install --find-links, as JSON for others.")
            .WithTags(Tag)
            .Produces<SdkListShape>(StatusCodes.Status200OK, "application/json", Html);
        routes.MapGet("/sdk/{name}", Download)
            .Needs(Rights.None)
            .WithName("GetSdk")
            .WithSummary("One file of an SDK")
            .WithTags(Tag)
            .Produces<byte[]>(StatusCodes.Status200OK, "application/zip", "application/gzip", "text/javascript")
            .Produces<ProblemBody>(StatusCodes.Status404NotFound, Problem.ContentType);
        return routes;
    }

    private static IResult List(HttpRequest request)
    {
        string root = $"{request.Scheme}://{request.Host}{request.PathBase}/sdk/";
        SdkFileShape[] files = [.. SdkFile.All.Values
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .Select(file => new SdkFileShape(file.Name, root + file.Name, file.Content.Length, file.Sha256, file.About, file.Usage(root + file.Name)))];
        request.HttpContext.Response.Headers.Vary = HeaderNames.Accept;
        return request.WantsPage()
            ? Results.Content(Page(files), $"{Html}; charset=utf-8")
            : WebJson.Answer(new SdkListShape(files));
    }

    private static async Task Download(HttpContext context, string name)
    {
        if (!SdkFile.All.TryGetValue(name, out SdkFile? file))
        {
            await Problem.NotFound("There is no such file. GET /sdk lists what there is.").WriteAsync(context);
            return;
        }

        // A page of any site may import the module: there is nothing secret in it.
        context.Response.Headers.AccessControlAllowOrigin = "*";
        context.Response.Headers.CacheControl = "no-cache";
        await Results.Bytes(file.Content, file.MediaType, entityTag: new EntityTagHeaderValue($"\"{file.Sha256}\"")).ExecuteAsync(context);
    }

    // The host of a request is the caller's text, and this is markup.
    private static string Page(IEnumerable<SdkFileShape> files)
    {
        var page = new StringBuilder("""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>SDKs of LlmEval</title>
            <style>
            :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
            body { max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
            code { font: 14px ui-monospace, monospace; overflow-wrap: anywhere; }
            dt { margin-top: 1.5rem; font-weight: 600; }
            dd { margin: 0; }
            </style>
            </head>
            <body>
            <h1>SDKs of LlmEval</h1>
            <dl>

            """);
        foreach (SdkFileShape file in files)
        {
            page.Append($"<dt><a href=\"{WebUtility.HtmlEncode(file.Url)}\">{WebUtility.HtmlEncode(file.Name)}</a></dt>\n")
                .Append($"<dd>{WebUtility.HtmlEncode(file.About)}<br><code>{WebUtility.HtmlEncode(file.Usage)}</code></dd>\n");
        }

        return page.Append("</dl>\n</body>\n</html>\n").ToString();
    }
}

internal sealed record SdkListShape(IReadOnlyList<SdkFileShape> Files);

/// <param name="Usage">The command, or the line of code, that brings it in.</param>
internal sealed record SdkFileShape(string Name, string Url, int Bytes, string Sha256, string About, string Usage);
