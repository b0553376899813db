using System.Text.Json;
using System.Text.RegularExpressions;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Docs;

/// <summary>The API reference says what the server says of itself: every endpoint, every status, every field.</summary>
public partial class ApiReferenceTests
{
    private const string Page = "docs/API_REFERENCE.md";
    private const string TraceFields = "#fields-of-a-trace";

    /// <summary>Of whatever asks who calls: the page says it once, before its sections.</summary>
    private static readonly string[] OfAll = ["401", "403", "429"];

    [Fact]
    public async Task EveryEndpointHasItsSectionAndNoSectionIsOfNothing()
    {
        string[] described = [.. (await OperationsAsync()).Select(o => o.Name).Order()];
        string[] documented = [.. Sections().SelectMany(s => s.Operations).Order()];

        Assert.True(described.Length > 20);
        Assert.Equal(described, documented);
    }

    [Fact]
    public async Task EverySectionNamesStatusesAndFields()
    {
        Section[] sections = [.. Sections()];
        string page = Document.Read(Page).Text;
        Assert.All(OfAll, status => Assert.Contains($"| {status} |", page, StringComparison.Ordinal));
        var missing = new List<string>();
        foreach (Operation operation in await OperationsAsync())
        {
            Section section = sections.First(s => s.Operations.Contains(operation.Name));
            missing.AddRange(operation.Statuses.Except(OfAll).Where(status => !section.Text.Contains($"**{status}**", StringComparison.Ordinal))
                .Select(status => $"{operation.Name}: {status}"));
            missing.AddRange(operation.Fields.Where(field => !section.Text.Contains($"`{field}`", StringComparison.Ordinal))
                .Select(field => $"{operation.Name}: {field}"));
        }

        Assert.Empty(missing);
    }

    private static IEnumerable<Section> Sections()
    {
        string text = Document.Read(Page).Text;
        foreach (Match heading in Heading().Matches(text))
        {
            Match next = NextHeading().Match(text, heading.Index + heading.Length);
            int end = next.Success ? next.Index : text.Length;
            string section = text[heading.Index..end];
            yield return new Section(
                [.. OperationName().Matches(heading.Value).Select(m => m.Groups["name"].Value)],
                section.Contains(TraceFields, StringComparison.Ordinal) ? section + TraceTable(text) : section);
        }
    }

    private static string TraceTable(string text)
    {
        int start = text.IndexOf("\n## Fields of a trace", StringComparison.Ordinal);
        return text[start..text.IndexOf("\n## ", start + 1, StringComparison.Ordinal)];
    }

    private static async Task<IReadOnlyList<Operation>> OperationsAsync()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        JsonElement document = await server.GetAsync("/openapi/v1.json");
        return
        [
            .. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(method => new Operation(
                $"{method.Name.ToUpperInvariant()} {path.Name}",
                [.. method.Value.GetProperty("responses").EnumerateObject().Select(r => r.Name)],
                [.. Fields(document, method.Value).Distinct()]))),
        ];
    }

    /// <summary>Of the body that is sent, and of the answer when all is well.</summary>
    private static IEnumerable<string> Fields(JsonElement document, JsonElement operation)
    {
        IEnumerable<JsonElement> contents = operation.GetProperty("responses").EnumerateObject()
            .Where(response => response.Name == "200")
            .Select(response => response.Value);
        if (operation.TryGetProperty("requestBody", out JsonElement body))
        {
            contents = contents.Append(body);
        }

        return contents
            .Where(part => part.TryGetProperty("content", out _))
            .SelectMany(part => part.GetProperty("content").EnumerateObject())
            .Where(media => media.Value.TryGetProperty("schema", out _))
            .SelectMany(media => Properties(document, media.Value.GetProperty("schema")));
    }

    // What lies deeper is described in the table of the fields of a trace.
    private static IEnumerable<string> Properties(JsonElement document, JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            schema = document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]);
        }

        return schema.TryGetProperty("properties", out JsonElement properties) ? properties.EnumerateObject().Select(p => p.Name) : [];
    }

    private sealed record Section(IReadOnlyList<string> Operations, string Text);

    private sealed record Operation(string Name, IReadOnlyList<string> Statuses, IReadOnlyList<string> Fields);

    [GeneratedRegex("^### .*$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("^##+ ", RegexOptions.Multiline)]
    private static partial Regex NextHeading();

    [GeneratedRegex("`(?<name>(GET|POST|PATCH|DELETE|PUT) [^`]+)`")]
    private static partial Regex OperationName();
}
