using System.Text.Json;
using System.Text.Json.Serialization;
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
                return (null, Problem.BadRequest(IsJson(bytes.Span)
                    ? Sentence(fault, typeof(T))
                    : $"The body is not valid JSON (line {(fault.LineNumber ?? 0) + 1}, byte {(fault.BytePositionInLine ?? 0) + 1})."));
            }
        }
    }

    private static bool IsJson(ReadOnlySpan<byte> body)
    {
        try
        {
            var json = new Utf8JsonReader(body);
            while (json.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsTime(Type type, string member) =>
        Options.GetTypeInfo(type).Properties.Single(p => p.Name == member).PropertyType == typeof(DateTimeOffset?);

    /// <summary>The framework's words name types of ours; of it only the place is taken.</summary>
    private static string Sentence(JsonException fault, Type type)
    {
        string[] known = [.. Options.GetTypeInfo(type).Properties.Select(p => p.Name)];
        string path = fault.Path is { Length: > 2 } given ? given[2..] : "";
        string member = path.Split('.', '[')[0];
        return member.Length == 0 ? $"The body must be an object with {string.Join(", ", known)}."
            : known.Contains(path) && IsTime(type, path) ? $"{path}: must be a time such as 2025-01-27T12:00:00Z, there once"
            : known.Contains(member) ? $"{path}: is of the wrong type, deeper than it may be, or there twice"
            : $"{member}: is not known here; known are {string.Join(", ", known)}";
    }
}
