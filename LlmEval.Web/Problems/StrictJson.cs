using System.Text.Json;
using System.Text.Json.Serialization;
using LlmEval.Web.Health;
using LlmEval.Web.Ingestion;

namespace LlmEval.Web.Problems;

/// <summary>Reads the small bodies by which things are set up. What is not expected is refused: a misspelt member would be a setting that nobody notices is missing.</summary>
internal static class StrictJson
{
    private const int MostBytes = 64 * 1024;

    private static readonly JsonSerializerOptions Options = new(WebJson.Options)
    {
        PropertyNameCaseInsensitive = false,
        AllowDuplicateProperties = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.Strict,
        MaxDepth = 4,
    };

    /// <returns>The body, or the answer to give instead.</returns>
    public static async Task<(T? Body, Problem? Problem)> ReadAsync<T>(HttpContext context)
        where T : class
    {
        (PooledBytes? bytes, Problem? problem) = await RequestBody.ReadAsync(context, MostBytes);
        if (bytes is null)
        {
            return (null, problem);
        }

        using (bytes)
        {
            try
            {
                return JsonSerializer.Deserialize<T>(bytes.Span, Options) is { } body
                    ? (body, null)
                    : (null, Problem.Invalid(["The body must be an object."]));
            }
            catch (JsonException fault)
            {
                string where = fault.Path is { Length: > 1 } path ? $" at {path[2..]}" : "";
                return (null, Problem.BadRequest(
                    $"The body is not JSON of the expected form{where} (line {(fault.LineNumber ?? 0) + 1}, byte {(fault.BytePositionInLine ?? 0) + 1})."));
            }
        }
    }
}
