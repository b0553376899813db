using LlmEval.Web.Problems;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace LlmEval.Web.Ingestion;

/// <summary>What the headers say about a body.</summary>
internal static class BodyFormat
{
    public const string Json = "application/json";

    /// <param name="accepted">The media types that the endpoint knows.</param>
    /// <returns>A 415, or null with the findings.</returns>
    public static Problem? Check(HttpRequest request, ReadOnlySpan<string> accepted, out string mediaType, out bool gzip)
    {
        gzip = false;
        if (!IsAccepted(request.ContentType, accepted, out mediaType))
        {
            string sent = request.ContentType ?? "a body without a Content-Type";
            return Unsupported($"Send {string.Join(" or ", accepted)} in UTF-8, not {sent}.");
        }

        StringValues encoding = request.Headers.ContentEncoding;
        if (encoding.Count == 0 || Is(encoding, "identity"))
        {
            return null;
        }

        gzip = Is(encoding, "gzip") || Is(encoding, "x-gzip");
        if (gzip)
        {
            return null;
        }

        request.HttpContext.Response.Headers.AcceptEncoding = "gzip";
        return Unsupported($"The Content-Encoding {encoding} is not known: send gzip or none.");
    }

    private static bool IsAccepted(string? contentType, ReadOnlySpan<string> accepted, out string mediaType)
    {
        mediaType = "";
        if (!MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? parsed))
        {
            return false;
        }

        StringSegment charset = HeaderUtilities.RemoveQuotes(parsed.Charset);
        if (charset.HasValue && charset.Length > 0 && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        foreach (string candidate in accepted)
        {
            if (parsed.MediaType.Equals(candidate, StringComparison.OrdinalIgnoreCase))
            {
                mediaType = candidate;
                return true;
            }
        }

        return false;
    }

    private static bool Is(StringValues encoding, string name) =>
        encoding.Count == 1 && string.Equals(encoding[0]?.Trim(), name, StringComparison.OrdinalIgnoreCase);

    private static Problem Unsupported(string detail) =>
        new(StatusCodes.Status415UnsupportedMediaType, "Unsupported format", detail) { Errors = [detail] };
}
