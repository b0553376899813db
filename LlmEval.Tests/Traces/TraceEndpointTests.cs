using System.Data.Common;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Core.Review;
using LlmEval.Core.Storage.Postgres;
using LlmEval.Core.Storage.Sqlite;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Traces;

public class TraceEndpointTests
{
    [Theory]
    [InlineData(DatabaseKind.Sqlite, DatabaseKind.Postgres)]
    [InlineData(DatabaseKind.Postgres, DatabaseKind.Sqlite)]
    public async Task AnExportThatIsImportedElsewhereExportsIdentically(DatabaseKind from, DatabaseKind to)
    {
        await using TestServer one = await TestServer.StartAsync(from);
        await using TestServer other = await TestServer.StartAsync(to);
        await FillAsync(one);

        string exported = await one.Http.GetStringAsync("/api/traces/export?format=jsonl", TestContext.Current.CancellationToken);
        Assert.Equal(53, exported.Count(c => c == '\n'));
        JsonElement imported = await ImportAsync(other, exported);
        Assert.Equal(53, imported.GetProperty("imported").GetInt32());

        Assert.Equal(exported, await other.Http.GetStringAsync("/api/traces/export?format=jsonl", TestContext.Current.CancellationToken));
        Assert.Equal(53, (await ImportAsync(one, exported)).GetProperty("already_there").GetInt32());
        Assert.Equal(1, (await other.GetAsync("/api/traces?status=accepted")).GetProperty("items").GetArrayLength());
    }

    [Theory, EveryDatabase]
    public async Task AListIsPagedToItsEndWithoutGapOrRepeat(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await FillAsync(server);

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            JsonElement page = await server.GetAsync($"/api/traces?limit=7&fields=summary{(cursor is null ? "" : $"&cursor={cursor}")}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(t => t.GetProperty("trace_id").GetString()!));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);

        Assert.Equal(53, seen.Count);
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Equal("t-49", seen.First(id => id.StartsWith("t-", StringComparison.Ordinal)));
    }

    [Theory, EveryDatabase]
    public async Task ADetailShowsWhatWasSentAndWhatWasSaid(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await FillAsync(server);

        JsonElement detail = await server.GetAsync("/api/trace?trace_id=" + Uri.EscapeDataString("../odd \"id\" 😀"));
        Assert.Equal("1e999999", detail.GetProperty("metadata").GetProperty("big").GetRawText());
        Assert.Equal("accepted", detail.GetProperty("evaluation_status").GetString());
        Assert.Equal("good", detail.GetProperty("evaluations")[0].GetProperty("reason").GetString());
        Assert.Equal(2, detail.GetProperty("version").GetInt32());

        using HttpResponseMessage missing = await server.Http.GetAsync("/api/traces/nothing", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        using HttpResponseMessage nul = await server.Http.GetAsync("/api/trace?trace_id=%00", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, nul.StatusCode);
    }

    [Theory, EveryDatabase]
    public async Task CellsThatASpreadsheetWouldRunAreDefused(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await FillAsync(server);
        string csv = await server.Http.GetStringAsync("/api/traces/export?format=csv&model_name=formula", TestContext.Current.CancellationToken);

        Assert.StartsWith("trace_id,timestamp,model_name", csv);
        Assert.Contains("'=HYPERLINK(1)", csv);
        Assert.Contains("\"'@say \"\"hi\"\",\n\"", csv);
    }

    [Theory, EveryDatabase]
    public async Task ASelectionIsExportedWhateverItsIdsAre(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await FillAsync(server);

        string csv = await ExportAsync(HttpStatusCode.OK, [new("format", "csv"), new("trace_id", "t-3"), new("trace_id", "../odd \"id\" 😀"), new("trace_id", "none")]);
        Assert.Equal(2, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Count(line => line.StartsWith("t-3,", StringComparison.Ordinal) || line.StartsWith("\"../odd", StringComparison.Ordinal)));
        Assert.DoesNotContain("t-4,", csv, StringComparison.Ordinal);

        await ExportAsync(HttpStatusCode.BadRequest, [new("format", "csv")]);
        await ExportAsync(HttpStatusCode.BadRequest, [new("format", "pdf"), new("trace_id", "t-3")]);
        await ExportAsync(HttpStatusCode.BadRequest, [new("format", "csv"), new("trace_id", new string('x', 5_000))]);
        await ExportAsync(HttpStatusCode.BadRequest, [new("format", "csv"), .. Enumerable.Range(0, 1_200).Select(n => KeyValuePair.Create("trace_id", $"t-{n}"))]);

        async Task<string> ExportAsync(HttpStatusCode expected, IEnumerable<KeyValuePair<string, string>> form)
        {
            using var content = new FormUrlEncodedContent(form);
            using HttpResponseMessage answer = await server.Http.PostAsync("/api/traces/export", content, TestContext.Current.CancellationToken);
            Assert.Equal(expected, answer.StatusCode);
            return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task AChatLineHasTheAnswerThatAReviewerWrote()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await FillAsync(server);
        string lines = await server.Http.GetStringAsync("/api/traces/export?format=openai-chat&status=accepted", TestContext.Current.CancellationToken);
        Assert.Equal(
            """{"messages":[{"role":"system","content":"be kind"},{"role":"user","content":"q"},{"role":"assistant","content":"better"}]}""",
            lines.TrimEnd('\n'));
    }

    [Theory, EveryDatabase]
    public async Task AnIdealAnswerThatWasTakenBackIsExportedNoMore(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await server.StoreAsync("t");
        (await server.PostAsync("/api/evaluations", new { trace_id = "t", status = "rejected", corrected_response = "better" })).EnsureSuccessStatusCode().Dispose();
        Assert.Contains("better", await ExportAsync("openai-chat"), StringComparison.Ordinal);
        Assert.Contains("better", await ExportAsync("csv"), StringComparison.Ordinal);

        await server.Services.GetRequiredService<UndoDecision>().RunAsync(
            Projects.Default, "t", version: 2, evaluator: null, Actor.System, TestContext.Current.CancellationToken);

        Assert.Contains("""{"role":"assistant","content":"a"}""", await ExportAsync("openai-chat"), StringComparison.Ordinal);
        Assert.DoesNotContain("better", await ExportAsync("csv"), StringComparison.Ordinal);

        Task<string> ExportAsync(string format) =>
            server.Http.GetStringAsync($"/api/traces/export?format={format}", TestContext.Current.CancellationToken);
    }

    [Theory, EveryDatabase]
    public async Task WhatWasTakenBackIsSoAfterAnExportAndItsImportToo(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await server.StoreAsync("t");
        (await server.PostAsync("/api/evaluations", new { trace_id = "t", status = "rejected" })).EnsureSuccessStatusCode().Dispose();
        await server.Services.GetRequiredService<UndoDecision>().RunAsync(
            Projects.Default, "t", version: 2, evaluator: null, Actor.System, TestContext.Current.CancellationToken);
        string lines = await server.Http.GetStringAsync("/api/traces/export?format=jsonl", TestContext.Current.CancellationToken);
        (await server.Http.DeleteAsync("/api/traces/t", TestContext.Current.CancellationToken)).EnsureSuccessStatusCode().Dispose();

        using var body = new StringContent(lines, Encoding.UTF8, "application/x-ndjson");
        (await server.Http.PostAsync("/api/traces/import", body, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode().Dispose();

        TraceDetail restored = (await server.Services.GetRequiredService<TraceDetailQueries>().FindAsync(
            Projects.Default, "t", TestContext.Current.CancellationToken))!;
        Assert.Equal([null, 2], restored.History.Select(e => e.Undoes));
        Assert.Empty(restored.Standing());
    }

    [Theory, EveryDatabase]
    public async Task AnExportThatFailsOnTheWayBreaksOffAndSaysNothingElse(DatabaseKind kind)
    {
        var reads = new FailingReads();
        await using TestServer server = await TestServer.StartAsync(kind, replace: services =>
        {
            services.ConfigureDbContext<SqliteDb>(options => options.AddInterceptors(reads));
            services.ConfigureDbContext<PostgresDb>(options => options.AddInterceptors(reads));
        });
        for (int batch = 0; batch < 6; batch++)
        {
            (await server.PostBatchAsync(Enumerable.Range(0, 100).Select(i => new
            {
                trace_id = $"t-{batch}-{i}",
                model_name = "m",
                user_query = "q",
                ai_response = "a",
            }))).EnsureSuccessStatusCode().Dispose();
        }

        // The second page of traces.
        reads.FailAt = 2;
        using HttpResponseMessage answer = await server.Http.GetAsync(
            "/api/traces/export?format=openai-chat", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task WhateverMayBeStoredCanBeAskedFor()
    {
        string model = string.Concat(Enumerable.Repeat("\U0001F600", 256));
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.StoreAsync("t", model);

        JsonElement page = await server.GetAsync($"/api/traces?model_name={Uri.EscapeDataString(model)}");

        Assert.Equal(1, page.GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData("GET", "/api/nothing", 404, "There is nothing at /api/nothing")]
    [InlineData("PUT", "/api/traces/t", 405, ", not PUT")]
    [InlineData("GET", "/webhook/trace", 405, "/webhook/trace takes POST, not GET")]
    [InlineData("DELETE", "/webhook/stats", 405, ", not DELETE")]
    public async Task AnAddressOrMethodThatDoesNotExistIsSaidSo(string method, string path, int status, string said)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using HttpResponseMessage answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((status, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Contains(said, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABodyOfAnotherFormatIsSaidToBeOne()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);

        using HttpResponseMessage answer = await server.PostAsync("/api/traces/export", new { format = "csv" });

        JsonElement problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "Unsupported format"), (answer.StatusCode, problem.GetProperty("title").GetString()));
        Assert.Contains("/api/traces/export does not take application/json", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AParameterThatMayBeGivenOnceIsNotSaidToBeRepeatable()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);

        using HttpResponseMessage answer = await server.Http.GetAsync($"/api/traces?session_id={new string('s', 257)}", TestContext.Current.CancellationToken);

        JsonElement problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("session_id: may be given once, with up to 256 characters", problem.GetProperty("errors")[0].GetString());
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("cursor=abc", "cursor")]
    [InlineData("status=maybe", "status")]
    [InlineData("from=yesterday", "from")]
    [InlineData("from=1.5", "from")]
    [InlineData("from=03/04/2025", "from")]
    [InlineData("to=12:00", "to")]
    [InlineData("min_cost=-1", "min_cost")]
    [InlineData("min_cost=NaN", "min_cost")]
    [InlineData("has_error=yes", "has_error")]
    [InlineData("statuss=pending", "statuss")]
    [InlineData("session_id=a&session_id=b", "session_id")]
    [InlineData("q=%22-*%22", "q")]
    public async Task ABadParameterIsNamed(string query, string name)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        using HttpResponseMessage answer = await server.Http.GetAsync($"/api/traces?{query}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        JsonElement problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith(name + ":", Assert.Single(problem.GetProperty("errors").EnumerateArray()).GetString());
    }

    private static async Task FillAsync(TestServer server)
    {
        (await server.PostBatchAsync(Enumerable.Range(0, 50).Select(i => new
        {
            trace_id = $"t-{i}",
            model_name = $"m-{i % 3}",
            user_query = "q",
            ai_response = new string('a', i * 10),
            timestamp = $"2025-01-0{1 + (i / 10)}T12:00:00Z",
            cost = 0.10m * i,
        }))).EnsureSuccessStatusCode().Dispose();
        await PostRawAsync(server, """
            {"trace_id":"../odd \"id\" 😀","model_name":"odd","user_query":"q","ai_response":"a","system_prompt":"be kind",
             "metadata":{"big":1e999999,
               "list":[1, 2.50]},"tags":["x","y,z"],"functions_called":[{"name":"f","error":"no"}],"response_time_ms":12.25}
            """);
        await PostRawAsync(server, """{"trace_id":"f-1","model_name":"formula","user_query":"=HYPERLINK(1)","ai_response":"@say \"hi\",\n"}""");
        await PostRawAsync(server, """{"trace_id":"f-2","model_name":"plain","user_query":"\u0000\ud83d","ai_response":""}""");
        (await server.PostAsync("/api/evaluations", new
        {
            trace_id = "../odd \"id\" 😀",
            status = "accepted",
            reason = "good",
            corrected_response = "better",
            evaluator = "kim",
        })).EnsureSuccessStatusCode().Dispose();
    }

    private static async Task PostRawAsync(TestServer server, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await server.Http.PostAsync("/webhook/trace", content, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>A database that goes away at one of the reads of whole traces.</summary>
    private sealed class FailingReads : DbCommandInterceptor
    {
        private int _reads;

        /// <summary>The first read has the number 1.</summary>
        public int FailAt { get; set; }

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
            command.CommandText.Contains("content_hash", StringComparison.Ordinal) && FailAt > 0 && Interlocked.Increment(ref _reads) == FailAt
                ? throw new IOException("The database is away.")
                : ValueTask.FromResult(result);
    }

    private static async Task<JsonElement> ImportAsync(TestServer server, string lines)
    {
        using var content = new StringContent(lines, Encoding.UTF8, new MediaTypeHeaderValue("application/x-ndjson"));
        using HttpResponseMessage answer = await server.Http.PostAsync("/api/traces/import", content, TestContext.Current.CancellationToken);
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
