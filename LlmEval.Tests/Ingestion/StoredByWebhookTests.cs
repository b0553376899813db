using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Ingestion;

/// <summary>The webhooks with the real intake and a real database behind them.</summary>
public sealed class StoredByWebhookTests
{
    [Theory]
    [EveryDatabase]
    public async Task EverythingThatTheRulesLetThroughCanBeStored(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        const string odd = """{"a\u0000":"\ud83d","n":1e999999,"m":-0.0e-999999,"s":"\ud83d\ude00","deep":[[[[]]]],"":null}""";
        string body = SomeTrace.Json(
            ("trace_id", "\"../\\\"'; DROP TABLE traces--🦄\\ud800\""),
            ("user_query", "\"\\u0000\\ud83d\""),
            ("ai_response", "\"\""),
            ("metadata", odd),
            ("error", odd),
            ("functions_called", $"[{{\"name\":\"\\u0000\",\"result\":{odd}}}]"),
            ("tags", "[\"\\u0000\",\"\",\"a,{}\\\"\\\\\"]"),
            ("tokens_used", "1000000000000"),
            ("response_time_ms", "1e12"),
            ("cost", "1e9"),
            ("timestamp", "\"1970-01-01T00:00:00Z\""),
            ("extra\\u0000", odd));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "/webhook/trace", body));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "/webhook/trace", body));

        Trace trace = Assert.Single(await StoredAsync(server));
        Assert.Equal("../\"'; DROP TABLE traces--🦄\ufffd", trace.TraceId);
        Assert.Equal("\ufffd\ufffd", trace.UserQuery);
        Assert.Equal(["\ufffd", "", "a,{}\"\\"], trace.Tags!);
        Assert.Equal(1_000_000_000m, trace.Cost);
        Assert.Equal(DateTime.UnixEpoch, trace.Timestamp);
        Assert.Contains("1e999999", trace.Metadata);
    }

    [Theory]
    [EveryDatabase]
    public async Task ABatchThatIsRefusedAsAWholeSaysThatNothingIsStored(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);

        using HttpResponseMessage answer = await server.PostAsync("/webhook/batch", new { traces = Array.Empty<object>(), source = "test" });

        JsonElement problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal((0, 0), (problem.GetProperty("processed_count").GetInt32(), problem.GetProperty("trace_ids").GetArrayLength()));
    }

    [Theory]
    [EveryDatabase]
    public async Task ARetryIsWelcomeAndAConflictIsNot(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        string other = SomeTrace.Json(("user_query", "\"else\""));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "/webhook/trace", SomeTrace.Json()));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "/webhook/trace", " " + SomeTrace.Json()));
        Assert.Equal(HttpStatusCode.Conflict, await StatusAsync(server, "/webhook/trace", other));
        Assert.Equal("What is AI?", Assert.Single(await StoredAsync(server)).UserQuery);
    }

    [Theory]
    [EveryDatabase]
    public async Task AnIdTwiceInOneBatchIsAsGoodAsTwiceInARow(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        string one = SomeTrace.Json();
        string other = SomeTrace.Json(("user_query", "\"else\""));

        using HttpResponseMessage answer = await PostAsync(server, "/webhook/batch", $$"""{"source":"s","traces":[{{one}},{{other}},{{one}}]}""");
        JsonElement json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;

        Assert.Equal(2, json.GetProperty("processed_count").GetInt32());
        Assert.StartsWith("traces[1]: is already stored", json.GetProperty("errors")[0].GetString());
        Assert.Equal("What is AI?", Assert.Single(await StoredAsync(server)).UserQuery);
    }

    [Theory]
    [EveryDatabase]
    public async Task AnImportOfManyLinesIsStored(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        string lines = string.Join("\n", Enumerable.Range(0, 1_500).Select(i => SomeTrace.Json(
            ("trace_id", $"\"t{i}\""),
            ("_llmeval", """{"status":"accepted","version":2,"history":[{"status":"accepted","version":2,"created_at":"2025-02-02T00:00:00Z"}]}"""))));

        using HttpResponseMessage answer = await PostAsync(server, "/api/traces/import", lines, "application/x-ndjson");

        Assert.Equal(
            """{"imported":1500,"already_there":0,"failed":0,"errors":[]}""",
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1_500, (await StoredAsync(server)).Count);
    }

    private static async Task<HttpStatusCode> StatusAsync(TestServer server, string path, string body)
    {
        using HttpResponseMessage answer = await PostAsync(server, path, body);
        return answer.StatusCode;
    }

    private static Task<HttpResponseMessage> PostAsync(TestServer server, string path, string body, string type = "application/json")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return server.Http.PostAsync(path, content, TestContext.Current.CancellationToken);
    }

    private static async Task<List<Trace>> StoredAsync(TestServer server)
    {
        await using LlmEvalDb db = await server.Services.GetRequiredService<IDbContextFactory<LlmEvalDb>>()
            .CreateDbContextAsync(TestContext.Current.CancellationToken);
        return await db.Set<Trace>().ToListAsync(TestContext.Current.CancellationToken);
    }
}
