using System.Globalization;
using LlmEval.Web.Problems;
using Microsoft.Net.Http.Headers;

namespace LlmEval.Web.Amending;

/// <summary>Reads the version that a caller has seen out of <c>If-Match</c>.</summary>
internal static class IfMatch
{
    /// <summary>Of an answer to who expected another version than there is.</summary>
    public static int StatusOf(int? ifMatch) => ifMatch is null ? StatusCodes.Status409Conflict : StatusCodes.Status412PreconditionFailed;

    /// <returns>Null when any version will do.</returns>
    public static (int? Version, Problem? Problem) Read(HttpRequest request)
    {
        if (request.Headers.IfMatch.Count == 0)
        {
            return (null, null);
        }

        IList<EntityTagHeaderValue> tags = request.GetTypedHeaders().IfMatch;
        if (tags is [{ } any] && any.Equals(EntityTagHeaderValue.Any))
        {
            return (null, null);
        }

        return tags is [{ IsWeak: false } tag]
            && int.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out int version)
            ? (version, null)
            : (null, Problem.BadRequest("If-Match: give one version as \"3\", or *."));
    }
}
