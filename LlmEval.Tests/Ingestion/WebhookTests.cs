using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using LlmEval.Core.Ingestion;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Ingestion;

public sealed class WebhookTests : IAsyncLifetime
{
    private const string Trace = "/webhook/trace";
    private const string Batch = "/webhook/batch";
    private const int MiB = 1024 * 1024;

    private IngestionServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await IngestionServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task ATraceIsAnsweredAsTheGuidePrintsIt()
    {
        IngestionServer.Answer answer = await _server.PostAsync(Trace, SomeTrace.Json());

        Assert.Equal((200, "application/json"), (answer.Status, answer.Type));
        Assert.Equal("""{"success":true,"message":"Trace received and processed successfully","trace_ids":["t-1"]}""", answer.Body);
        Assert.Equal("t-1", Assert.Single(_server.Intake.Stored).TraceId);
    }

    [Fact]
    public async Task ABatchIsAnsweredAsTheGuidePrintsIt()
    {
        IngestionServer.Answer answer = await _server.PostAsync(Batch, BatchOf(One("trace_1"), One("trace_2")));

        Assert.Equal(200, answer.Status);
        Assert.Equal(
            """{"success":true,"message":"Processed 2 of 2 traces","processed_count":2,"errors":null,"trace_ids":["trace_1","trace_2"]}""",
            answer.Body);
        Assert.All(_server.Intake.Stored, trace => Assert.Equal(("app", "b-1"), (trace.Source, trace.BatchId)));
    }

    [Fact]
    public async Task ARetryGetsTheSameAnswerAndOtherContentAConflict()
    {
        IngestionServer.Answer first = await _server.PostAsync(Trace, SomeTrace.Json());
        IngestionServer.Answer retry = await _server.PostAsync(Trace, SomeTrace.Json());
        IngestionServer.Answer other = await _server.PostAsync(Trace, SomeTrace.Json(("user_query", "\"else\"")));

        Assert.Equal((first.Status, first.Body), (retry.Status, retry.Body));
        IsProblem(409, other);
        Assert.Contains("PATCH", other.Json.GetProperty("message").GetString());
        Assert.Contains("t-1", other.Json.GetProperty("message").GetString());
        Assert.Single(_server.Intake.Stored);
    }

    [Fact]
    public async Task AnIdComesBackAsItIsKept()
    {
        IngestionServer.Answer answer = await _server.PostAsync(Trace, SomeTrace.Json(("trace_id", "\" ../\\\"é🦄<b>\\ud83d \"")));

        Assert.Equal("../\"é🦄<b>\ufffd", answer.Json.GetProperty("trace_ids")[0].GetString());
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("{\"a\":1,\"a\":2}")]
    public async Task WhatIsNotJsonGetsA400WithThePlace(string body)
    {
        foreach (string path in (string[])[Trace, Batch])
        {
            IngestionServer.Answer answer = await _server.PostAsync(path, body);

            IsProblem(400, answer);
            Assert.Contains("line 1, byte", answer.Errors[0]);
        }
    }

    [Fact]
    public async Task BrokenRulesGetA422WithAllOfThem()
    {
        IngestionServer.Answer answer = await _server.PostAsync(Trace, SomeTrace.Json(("cost", "-1"), ("model_name", null)));

        IsProblem(422, answer);
        Assert.Equal(["cost: must be at least 0", "model_name: is required"], answer.Errors);
    }

    [Fact]
    public async Task ATraceThatTheDatabaseRefusesGetsA422()
    {
        _server.Intake.Refused = "t-1";

        IngestionServer.Answer answer = await _server.PostAsync(Trace, SomeTrace.Json());

        IsProblem(422, answer);
        Assert.Equal(["too odd"], answer.Errors);
    }

    [Fact]
    public async Task OneBadTraceDoesNotSpoilABatch()
    {
        await _server.PostAsync(Trace, One("taken"));
        _server.Intake.Refused = "odd";

        IngestionServer.Answer answer = await _server.PostAsync(
            Batch,
            BatchOf(
                One("a"),
                SomeTrace.Json(("trace_id", "\"bad\""), ("cost", "-1")),
                SomeTrace.Json(("trace_id", "\"taken\""), ("user_query", "\"else\"")),
                One("odd"),
                One("a"),
                "7"));

        Assert.Equal(200, answer.Status);
        Assert.True(answer.Json.GetProperty("success").GetBoolean());
        Assert.Equal("Processed 2 of 6 traces", answer.Json.GetProperty("message").GetString());
        Assert.Equal(2, answer.Json.GetProperty("processed_count").GetInt32());
        Assert.Equal("""["a","a"]""", answer.Json.GetProperty("trace_ids").GetRawText());
        Assert.Equal(
            [
                "traces[1].cost: must be at least 0 (trace_id: bad)",
                "traces[2]: is already stored with other content, which is untouched; use PATCH to amend it (trace_id: taken)",
                "traces[3]: too odd (trace_id: odd)",
                "traces[5]: must be a JSON object",
            ],
            answer.Errors);
    }

    [Fact]
    public async Task ABatchOfWhichNothingIsStoredIsAnError()
    {
        string conflict = SomeTrace.Json(("user_query", "\"else\""));
        await _server.PostAsync(Trace, SomeTrace.Json());

        IngestionServer.Answer conflicts = await _server.PostAsync(Batch, BatchOf(conflict, conflict));
        IngestionServer.Answer mixed = await _server.PostAsync(Batch, BatchOf(conflict, "{}"));

        IsProblem(409, conflicts);
        Assert.Equal(0, conflicts.Json.GetProperty("processed_count").GetInt32());
        Assert.Equal("[]", conflicts.Json.GetProperty("trace_ids").GetRawText());
        IsProblem(422, mixed);
        Assert.Equal(5, mixed.Errors.Length);
    }

    [Fact]
    public async Task TheFaultsOfABatchAndOfItsTracesAreToldAtOnce()
    {
        IngestionServer.Answer answer = await _server.PostAsync(Batch, $$"""{"traces":[{{SomeTrace.Json(("cost", "-1"))}}]}""");

        Assert.Equal(["source: is required", "traces[0].cost: must be at least 0"], answer.Errors);
    }

    [Fact]
    public async Task EveryTraceThatIsNotStoredIsNamedHoweverManyFaultsThereAre()
    {
        string calls = $"[{string.Join(",", Enumerable.Repeat("""{"function":{"name":"further down"}}""", 12))}]";
        string[] bad = [.. Enumerable.Range(0, 99).Select(i => SomeTrace.Json(("trace_id", $"\"bad-{i:00}\""), ("functions_called", calls)))];

        IngestionServer.Answer answer = await _server.PostAsync(Batch, BatchOf([.. bad, One("good")]));

        Assert.Equal(1, answer.Json.GetProperty("processed_count").GetInt32());
        Assert.All(Enumerable.Range(0, 99), i => Assert.Contains(answer.Errors, error => error.EndsWith($"(trace_id: bad-{i:00})", StringComparison.Ordinal)));
        Assert.InRange(answer.Errors.Length, 1_000, 1_099);
    }

    [Fact]
    public async Task AFaultOfTheBatchItselfStoresNothing()
    {
        IngestionServer.Answer answer = await _server.PostAsync(Batch, $$"""{"traces":[{{SomeTrace.Json()}}]}""");

        IsProblem(422, answer);
        Assert.Equal(["source: is required"], answer.Errors);
        Assert.Empty(_server.Intake.Stored);
    }

    [Fact]
    public async Task TheGuidesBatchIsRefusedOnlyForItsElisions()
    {
        const string printed = """
            {
              "traces": [
                {
                  "trace_id": "trace_1",
                  "model_name": "gpt-4",
                  "user_query": "First query",
                  "ai_response": "First response",
                  // ... other trace fields
                }
              ],
              "source": "production_app",
              "batch_id": "batch_123"
            }
            """;

        Assert.Equal(400, (await _server.PostAsync(Batch, printed)).Status);
        Assert.Equal(200, (await _server.PostAsync(Batch, printed.Replace(",\n      // ... other trace fields", "", StringComparison.Ordinal))).Status);
    }

    [Fact]
    public async Task WithoutTheDatabaseTheAnswerIs503AndWhenToTryAgain()
    {
        _server.Intake.Failure = IngestFailure.Unavailable;

        foreach ((string path, string body) in ((string, string)[])[(Trace, SomeTrace.Json()), (Batch, BatchOf(SomeTrace.Json()))])
        {
            IngestionServer.Answer answer = await _server.PostAsync(path, body);

            IsProblem(503, answer);
            Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
        }
    }

    [Fact]
    public async Task AFullIntakeSaysSoAtOnce()
    {
        await using IngestionServer server = await IngestionServer.StartAsync(queueTraces: 1);
        server.Intake.Hold();
        Task<IngestionServer.Answer> waiting = server.PostAsync(Trace, One("a"));
        await Eventually.TrueAsync(() => server.Intake.Queue.Depth > 0);

        IngestionServer.Answer answer = await server.PostAsync(Trace, One("b"));
        server.Intake.Resume();

        IsProblem(503, answer);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
        Assert.Equal(200, (await waiting).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData("application/problem+json")]
    public async Task AnythingButJsonInUtf8GetsA415(string? type) =>
        IsProblem(415, await _server.PostAsync(Trace, Encoding.UTF8.GetBytes(SomeTrace.Json()), type));

    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON; charset=UTF-8")]
    [InlineData("application/json;charset=\"utf-8\"")]
    public async Task JsonMayBeAnnouncedInSeveralWays(string type) =>
        Assert.Equal(200, (await _server.PostAsync(Trace, Encoding.UTF8.GetBytes(SomeTrace.Json()), type)).Status);

    [Theory]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("gzip, gzip")]
    [InlineData("identity, gzip")]
    [InlineData("gzip", "gzip")]
    [InlineData("zstd")]
    public async Task AnUnknownEncodingGetsA415ThatNamesTheKnownOne(params string[] encodings)
    {
        IngestionServer.Answer answer = await _server.PostAsync(
            Trace, IngestionServer.Gzip(SomeTrace.Json()), "application/json", encodings);

        IsProblem(415, answer);
        Assert.Contains("gzip", answer.Body);
    }

    [Fact]
    public async Task GzipIsUnpacked()
    {
        byte[] packed = IngestionServer.Gzip(SomeTrace.Json());

        Assert.Equal(200, (await _server.PostAsync(Trace, packed, "application/json", "gzip")).Status);
        Assert.Equal(200, (await _server.PostAsync(Trace, packed, "application/json", "GZIP")).Status);
        Assert.Equal(200, (await _server.PostAsync(Trace, Encoding.UTF8.GetBytes(SomeTrace.Json()), "application/json", "identity")).Status);
    }

    [Fact]
    public async Task DamagedGzipGetsA400()
    {
        byte[] packed = IngestionServer.Gzip(SomeTrace.Json());
        byte[] flipped = [.. packed];
        flipped[^6] ^= 1;
        byte[][] damaged =
        [
            [],
            packed[..^1],
            packed[..^8],
            packed[..^9],
            packed[..(packed.Length / 2)],
            [.. packed, 0],
            [.. packed, .. "garbage"u8],
            [.. packed, .. packed],
            flipped,
            [.. packed[..^4], 1, 0, 0, 0],
            [.. packed[..^4], 255, 255, 255, 255],
            Encoding.UTF8.GetBytes(SomeTrace.Json()),
        ];
        foreach (byte[] body in damaged)
        {
            IngestionServer.Answer answer = await _server.PostAsync(Trace, body, "application/json", "gzip");

            IsProblem(400, answer);
            Assert.DoesNotContain("archive", answer.Errors[0], StringComparison.Ordinal);
        }

        Assert.Empty(_server.Intake.Stored);
    }

    [Fact]
    public async Task ABodyBeyondTheLimitGetsA413ThatNamesIt()
    {
        byte[] tooLarge = new byte[(8 * MiB) + 1];
        Array.Fill(tooLarge, (byte)' ');
        byte[] largest = [.. Encoding.UTF8.GetBytes(SomeTrace.Json()), .. tooLarge.AsSpan(0, (8 * MiB) - Encoding.UTF8.GetByteCount(SomeTrace.Json()))];

        Assert.Equal(200, (await _server.PostAsync(Trace, largest)).Status);
        Assert.Equal(200, (await _server.PostChunkedAsync(Trace, largest)).Status);
        Assert.Equal(200, (await _server.PostAsync(Trace, IngestionServer.Gzip(largest), "application/json", "gzip")).Status);
        foreach (IngestionServer.Answer answer in (IngestionServer.Answer[])[
            await _server.PostAsync(Trace, tooLarge),
            await _server.PostChunkedAsync(Trace, tooLarge),
            await _server.PostAsync(Trace, IngestionServer.Gzip(tooLarge), "application/json", "gzip")])
        {
            IsProblem(413, answer);
            Assert.Contains("8388608", answer.Errors[0]);
        }
    }

    [Fact]
    public async Task ABatchMayBeLargerThanATrace()
    {
        string padding = new(' ', (31 * MiB) + 1);

        Assert.Equal(200, (await _server.PostAsync(Batch, padding + BatchOf(SomeTrace.Json()))).Status);
        IsProblem(413, await _server.PostAsync(Batch, padding + new string(' ', MiB)));
    }

    [Fact]
    public async Task AGzipBombStopsAtTheLimit()
    {
        byte[] bomb = IngestionServer.Gzip(new byte[MiB], times: 400);
        byte[] understated = [.. bomb[..^4], 1, 0, 0, 0];

        // Other tests allocate meanwhile: the least of a few attempts counts.
        long least = long.MaxValue;
        for (int i = 0; i < 5 && least > 64 * MiB; i++)
        {
            long before = GC.GetTotalAllocatedBytes();
            IsProblem(413, await _server.PostAsync(Trace, bomb, "application/json", "gzip"));
            IsProblem(400, await _server.PostAsync(Trace, understated, "application/json", "gzip"));
            least = Math.Min(least, GC.GetTotalAllocatedBytes() - before);
        }

        Assert.InRange(least, 0, 64 * MiB);
    }

    [Fact]
    public async Task TheLimitsCanBeSet()
    {
        await using IngestionServer server = await IngestionServer.StartAsync(configure: options => options.MaxTraceBytes = 2_000);

        IngestionServer.Answer answer = await server.PostAsync(Trace, SomeTrace.Json(("ai_response", $"\"{new string('x', 3_000)}\"")));

        IsProblem(413, answer);
        Assert.Contains("2000 bytes", answer.Errors[0]);
    }

    [Fact]
    public async Task ACallerThatGoesAwayLeavesNoTraceInTheLog()
    {
        foreach (string path in (string[])[Trace, Batch, "/api/traces/import"])
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(_server.Http.BaseAddress!.Host, _server.Http.BaseAddress.Port, TestContext.Current.CancellationToken);
            socket.Client.Send(Encoding.ASCII.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"));

            // It is said when the body is asked for: from then on the request is under way.
            byte[] goOn = new byte["HTTP/1.1 100 Continue\r\n\r\n".Length];
            await socket.GetStream().ReadExactlyAsync(goOn, TestContext.Current.CancellationToken);
            socket.Client.Send("[{\"trace_id\":"u8);
            socket.LingerState = new LingerOption(true, path == Batch ? 0 : 1);
        }

        Assert.Equal(200, (await _server.PostAsync(Trace, SomeTrace.Json())).Status);

        // The end waits for every request.
        await _server.StopAsync();
        Assert.Empty(_server.Log);
    }

    [Fact]
    public async Task TheDescriptionOfTheInterfaceShowsTheBodies()
    {
        using HttpResponseMessage response = await _server.Http.GetAsync("/openapi/v1.json", TestContext.Current.CancellationToken);
        JsonElement paths = (await IngestionServer.Answer.ReadAsync(response)).Json.GetProperty("paths");

        foreach ((string path, string type) in ((string, string)[])[(Trace, "application/json"), (Batch, "application/json"), ("/api/traces/import", "application/x-ndjson")])
        {
            JsonElement post = paths.GetProperty(path).GetProperty("post");
            Assert.True(post.GetProperty("requestBody").GetProperty("content").GetProperty(type).TryGetProperty("schema", out _));
            Assert.True(post.GetProperty("responses").TryGetProperty("422", out _));
        }
    }

    private static void IsProblem(int status, IngestionServer.Answer answer)
    {
        Assert.Equal((status, "application/problem+json"), (answer.Status, answer.Type));
        JsonElement problem = answer.Json;
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("type").GetString()!);
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        Assert.NotEmpty(problem.GetProperty("message").GetString()!);
        Assert.False(problem.GetProperty("success").GetBoolean());
        Assert.NotEmpty(answer.Errors);
    }

    private static string One(string id) => SomeTrace.Json(("trace_id", $"\"{id}\""));

    private static string BatchOf(params string[] traces) =>
        $$"""{"traces":[{{string.Join(",", traces)}}],"source":"app","batch_id":"b-1"}""";
}
