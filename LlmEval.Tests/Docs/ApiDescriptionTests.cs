using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using LlmEval.Core.Access;
using LlmEval.Tests.Access;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Docs;

/// <summary>What the server says of itself at <c>/openapi/v1.json</c> is what it does.</summary>
public partial class ApiDescriptionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

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

    [Fact]
    public async Task WhatIsSaidToNeedAKeyIsWhatIsRefusedWithoutOne()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        NewApiKey key = await server.MakeKeyAsync(Rights.Read | Rights.Admin);
        JsonElement document = await AskAsync(HttpMethod.Get, "/openapi/v1.json", key, async answer => await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel));
        Assert.Equal(["bearerKey", "headerKey", "session", "streamToken"], Names(document.GetProperty("components").GetProperty("securitySchemes")));

        int open = 0;
        foreach ((JsonProperty path, JsonProperty operation) in
            document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => (path, operation))))
        {
            bool isRefused = await AskAsync(
                HttpMethod.Parse(operation.Name), path.Name.Replace("{id}", "1", StringComparison.Ordinal), null, answer => Task.FromResult(answer.StatusCode == HttpStatusCode.Unauthorized));
            Assert.Equal(isRefused, operation.Value.TryGetProperty("security", out JsonElement ways));
            Assert.Equal(isRefused, operation.Value.GetProperty("responses").TryGetProperty("401", out _));
            if (!isRefused)
            {
                open++;
                continue;
            }

            bool isForOwners = (path.Name, operation.Name) == ("/api/projects", "post");
            bool isStream = path.Name.StartsWith("/stream/", StringComparison.Ordinal);
            string[] schemes = isForOwners ? ["session"] : isStream ? ["bearerKey", "headerKey", "session", "streamToken"] : ["bearerKey", "headerKey", "session"];
            Assert.Equal(schemes, ways.EnumerateArray().SelectMany(Names).Order());
            Assert.Contains(isForOwners ? "For owners" : "Needs the scope ", operation.Value.GetProperty("description").GetString(), StringComparison.Ordinal);
        }

        Assert.InRange(open, 3, 10);

        async Task<T> AskAsync<T>(HttpMethod method, string path, NewApiKey? by, Func<HttpResponseMessage, Task<T>> read)
        {
            using var request = new HttpRequestMessage(method, path);
            if (by is not null)
            {
                request.Headers.Add("X-API-Key", by.Token);
            }

            using HttpResponseMessage answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
            return await read(answer);
        }
    }

    private static string[] Names(JsonElement members) => [.. members.EnumerateObject().Select(member => member.Name).Order()];

    [GeneratedRegex("known are (?<names>[a-zA-Z_, ]+?)( and metadata.KEY)?\"")]
    private static partial Regex Known();
}
