using System.Text.Json;
using System.Text.RegularExpressions;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Docs;

/// <summary>What the server says of itself at <c>/openapi/v1.json</c> is what it does.</summary>
public partial class ApiDescriptionTests
{
    [Fact]
    public async Task EveryParameterThatIsKnownIsDescribedAndNoOther()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        int asked = 0;
        foreach (JsonProperty path in (await server.GetAsync("/openapi/v1.json")).GetProperty("paths").EnumerateObject())
        {
            if (!path.Value.TryGetProperty("get", out JsonElement operation))
            {
                continue;
            }

            // An answer's head is enough: a stream that does not mind goes on for ever.
            using HttpResponseMessage answer = await server.Http.GetAsync(
                path.Name.Replace("{id}", "1", StringComparison.Ordinal) + "?misspelt=1", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            if ((int)answer.StatusCode != 400)
            {
                continue;
            }

            string said = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (Known().Match(said) is not { Success: true } known)
            {
                continue;
            }

            string[] described = operation.TryGetProperty("parameters", out JsonElement parameters)
                ? [.. parameters.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "query").Select(p => p.GetProperty("name").GetString()!)]
                : [];
            Assert.Equal(known.Groups["names"].Value.Split(", ").Order(), described.Order());
            asked++;
        }

        Assert.Equal(7, asked);
    }

    [Fact]
    public async Task WhatIsAnsweredIsDescribed()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        JsonElement document = await server.GetAsync("/openapi/v1.json");

        JsonElement figures = document.GetProperty("components").GetProperty("schemas").GetProperty("PerformanceReport");
        JsonElement form = document.GetProperty("paths").GetProperty("/api/traces/export").GetProperty("post").GetProperty("requestBody")
            .GetProperty("content").GetProperty("application/x-www-form-urlencoded").GetProperty("schema");

        Assert.Equal(Names((await server.GetAsync("/webhook/stats")).GetProperty("performance")), Names(figures.GetProperty("properties")));
        Assert.Equal(["format", "trace_id"], Names(form.GetProperty("properties")));
        foreach (string path in (string[])["/stream/events", "/stream/traces", "/stream/metrics"])
        {
            using HttpResponseMessage answer = await server.Http.GetAsync($"{path}?misspelt=1", TestContext.Current.CancellationToken);
            Assert.True(document.GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("responses").TryGetProperty($"{(int)answer.StatusCode}", out _));
        }
    }

    private static string[] Names(JsonElement members) => [.. members.EnumerateObject().Select(member => member.Name).Order()];

    [GeneratedRegex("known are (?<names>[a-zA-Z_, ]+?)( and metadata.KEY)?\"")]
    private static partial Regex Known();
}
