using System.Text;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Primitives;
using LlmEval.Tests.Support;
using LlmEval.Web.Ingestion;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Ingestion;

public sealed class ImportTests : IAsyncLifetime
{
    private const string Import = "/api/traces/import";
    private const string JsonLines = "application/x-ndjson";

    private IngestionServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await IngestionServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("application/x-ndjson")]
    [InlineData("application/jsonl; charset=utf-8")]
    public async Task LinesAreStoredInOrder(string type)
    {
        string lines = string.Join("\n", Enumerable.Range(0, 1_234).Select(i => One($"t{i}")));

        IngestionServer.Answer answer = await _server.PostAsync(Import, Encoding.UTF8.GetBytes(lines), type);

        Assert.Equal(200, answer.Status);
        Assert.Equal("""{"imported":1234,"already_there":0,"failed":0,"errors":[]}""", answer.Body);
        Assert.Equal(Enumerable.Range(0, 1_234).Select(i => $"t{i}"), _server.Intake.Stored.Select(trace => trace.TraceId));
        Assert.InRange(_server.Intake.LargestRequest, 1, 200);
    }

    [Fact]
    public async Task AnArrayIsStoredInOrder()
    {
        string array = $" [ {string.Join(" ,\n", Enumerable.Range(0, 1_000).Select(i => One($"t{i}")))} ] \n";

        IngestionServer.Answer answer = await _server.PostAsync(Import, array);

        Assert.Equal("""{"imported":1000,"already_there":0,"failed":0,"errors":[]}""", answer.Body);
        Assert.Equal("t999", _server.Intake.Stored.Last().TraceId);
    }

    [Fact]
    public async Task LinesMayBeBlankEndInAnyWayAndBeginWithAMark()
    {
        string lines = $"\ufeff{One("a")}\r\n\r\n   \n{One("b")}\n\n";

        Assert.Equal("""{"imported":2,"already_there":0,"failed":0,"errors":[]}""", (await PostLines(lines)).Body);
    }

    [Fact]
    public async Task WhatFailsIsNamedByItsLineAndTheRestGoesOn()
    {
        string lines = string.Join(
            "\n", One("a"), "", "{nope", One("b"), SomeTrace.Json(("trace_id", "\"bad\""), ("cost", "-1"), ("user_query", null)), One("a"), Other("b"));

        IngestionServer.Answer answer = await PostLines(lines);

        Assert.Equal(200, answer.Status);
        Assert.Equal((2, 1, 3), Counts(answer));
        Assert.Equal(
            [(3, null), (5, "bad"), (7, "b")],
            answer.Json.GetProperty("errors").EnumerateArray().Select(e => (e.GetProperty("line").GetInt32(), e.GetProperty("trace_id").GetString())));
        Assert.Contains("cost: must be at least 0; user_query: is required", answer.Body);
    }

    [Fact]
    public async Task ElementsOfAnArrayAreNumberedFromOne()
    {
        IngestionServer.Answer answer = await _server.PostAsync(Import, $"[{One("a")},7,{{\"a\":\"],}}\\\"\"}},{One("b")}]");

        Assert.Equal((2, 0, 2), Counts(answer));
        Assert.Equal([2, 3], answer.Json.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("line").GetInt32()));
    }

    [Fact]
    public async Task AnEmptyImportIsNone()
    {
        Assert.Equal((0, 0, 0), Counts(await PostLines("")));
        Assert.Equal((0, 0, 0), Counts(await _server.PostAsync(Import, " [ ] ")));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("{}", 0)]
    [InlineData("[", 0)]
    [InlineData("[,]", 0)]
    [InlineData("[A,]", 1)]
    [InlineData("[A,,A]", 1)]
    [InlineData("[A", 0)]
    [InlineData("[A,", 1)]
    [InlineData("[A] x", 1)]
    public async Task AnArrayThatCannotBeReadOnSaysWhatWasStored(string array, int stored)
    {
        IngestionServer.Answer answer = await _server.PostAsync(Import, array.Replace("A", One("a"), StringComparison.Ordinal));

        Assert.Equal((400, "application/problem+json"), (answer.Status, answer.Type));
        Assert.Equal(stored, answer.Json.GetProperty("imported").GetInt32());
        Assert.Equal(stored, _server.Intake.Stored.Count);
    }

    [Fact]
    public async Task AllFailuresAreCountedAndAThousandListed()
    {
        IngestionServer.Answer answer = await PostLines(string.Concat(Enumerable.Repeat("{}\n", 1_500)));

        Assert.Equal((0, 0, 1_500), Counts(answer));
        Assert.Equal(1_000, answer.Json.GetProperty("errors").GetArrayLength());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AnItemThatIsTooLongIsPassedOver(bool lines)
    {
        await using IngestionServer server = await IngestionServer.StartAsync(configure: options => options.MaxRestoredItemBytes = 200_000);
        string tooLong = SomeTrace.Json(("ai_response", $"\"{new string('x', 190_000)}[\\\"{{\""), ("extra", $"\"{new string('y', 300_000)}\""));
        string[] items = [One("a"), tooLong, One("b"), tooLong];

        IngestionServer.Answer answer = lines
            ? await server.PostAsync(Import, Encoding.UTF8.GetBytes(string.Join("\n", items)), JsonLines)
            : await server.PostAsync(Import, $"[{string.Join(",", items)}]");

        Assert.Equal((2, 0, 2), Counts(answer));
        Assert.Equal([2, 4], answer.Json.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("line").GetInt32()));
    }

    [Fact]
    public async Task AnImportMayBeLargerThanAnyOtherRequestAndPacked()
    {
        string filler = new('x', 500_000);
        string lines = string.Join("\n", Enumerable.Range(0, 80).Select(i => SomeTrace.Json(("trace_id", $"\"t{i}\""), ("ai_response", $"\"{filler}\""))));

        Assert.Equal((80, 0, 0), Counts(await PostLines(lines)));
        Assert.Equal((0, 80, 0), Counts(await _server.PostAsync(Import, IngestionServer.Gzip(lines), JsonLines, "gzip")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AByteOrderMarkInFrontIsPassedOver(bool lines)
    {
        byte[] marked = Encoding.UTF8.GetBytes("\uFEFF" + (lines ? One("a") : $"[{One("a")}]"));

        Assert.Equal((1, 0, 0), Counts(await _server.PostAsync(Import, marked, lines ? JsonLines : "application/json")));
    }

    [Fact]
    public async Task AnImportThatBreaksOffNamesTheItemsThatFailedBefore()
    {
        IngestionServer.Answer answer = await _server.PostAsync(Import, $"[{One("a")},7,{One("b")}");

        Assert.Equal(400, answer.Status);
        Assert.Equal(2, answer.Json.GetProperty("item_errors")[0].GetProperty("line").GetInt32());
    }

    [Fact]
    public async Task APackedImportThatIsCutShortGetsA400()
    {
        byte[] packed = IngestionServer.Gzip(string.Join("\n", Enumerable.Range(0, 10).Select(i => One($"t{i}"))));

        Assert.Equal(400, (await _server.PostAsync(Import, packed[..^4], JsonLines, "gzip")).Status);
        Assert.Equal(200, (await _server.PostAsync(Import, packed, JsonLines, "gzip")).Status);
        Assert.Equal(10, _server.Intake.Stored.Count);
    }

    [Fact]
    public async Task OtherFormatsGetA415()
    {
        Assert.Equal(415, (await _server.PostAsync(Import, [], "text/csv")).Status);
        Assert.Equal(415, (await _server.PostAsync(Import, [], JsonLines, "br")).Status);
    }

    [Fact]
    public async Task AParameterIsRefusedRatherThanPassedOver()
    {
        IngestionServer.Answer answer = await _server.PostAsync($"{Import}?dry_run=true", Encoding.UTF8.GetBytes(One("a")), JsonLines);

        Assert.Equal(400, answer.Status);
        Assert.Contains("dry_run: is not a parameter; there are none", answer.Body);
        Assert.Empty(_server.Intake.Stored);
    }

    [Fact]
    public async Task AnImportBringsEvaluationsBack()
    {
        await PostLines(SomeTrace.Json(("_llmeval", """{"status":"accepted","version":2}""")));

        Assert.Equal(EvaluationStatus.Accepted, Assert.Single(_server.Intake.Stored).Status);
    }

    [Fact]
    public async Task WithoutTheDatabaseItEndsAndSaysHowFarItCame()
    {
        _server.Intake.Failure = IngestFailure.Unavailable;

        IngestionServer.Answer answer = await PostLines(string.Join("\n", Enumerable.Range(0, 2_000).Select(i => One($"t{i}"))));

        Assert.Equal(503, answer.Status);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal(0, answer.Json.GetProperty("imported").GetInt32());
    }

    [Fact]
    public async Task AFullIntakeIsWaitedFor()
    {
        await using IngestionServer server = await IngestionServer.StartAsync(queueTraces: 250);
        server.Intake.Hold();
        string lines = string.Join("\n", Enumerable.Range(0, 1_000).Select(i => One($"t{i}")));

        Task<IngestionServer.Answer> import = server.PostAsync(Import, Encoding.UTF8.GetBytes(lines), JsonLines);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        server.Intake.Resume();

        Assert.Equal((1_000, 0, 0), Counts(await import));
        Assert.Equal(Enumerable.Range(0, 1_000).Select(i => $"t{i}"), server.Intake.Stored.Select(trace => trace.TraceId));
    }

    [Fact]
    public async Task AnIntakeThatStaysFullIsNotWaitedForForEver()
    {
        await using var intake = new FakeIntake(queueTraces: 1);
        intake.Hold();
        Task<IngestReceipt> holder = intake.Queue.SubmitAsync([SomeTrace.New()], TestContext.Current.CancellationToken).AsTask();
        var time = new FakeTimeProvider();
        var pipeline = new ImportPipeline(intake.Queue, _ => ValueTask.CompletedTask, time, new ImportTally());
        await pipeline.AddAsync(new ImportedItem(1, SomeTrace.New()), TestContext.Current.CancellationToken);

        Task<IngestFailure> import = pipeline.FinishAsync(TestContext.Current.CancellationToken).AsTask();
        int seconds = 0;
        for (; !import.IsCompleted; seconds++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.Equal(IngestFailure.Full, await import);
        Assert.True(seconds >= 30);
        intake.Resume();
        await holder;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public async Task ItemsAreFoundWhereverTheStreamIsCut(int pieces)
    {
        byte[] array = Encoding.UTF8.GetBytes("""[ {"a":"x\\\"],{"} , [1,[2]],"s\\", 5 ,{} ]""");
        using var reader = new ItemReader(new DripStream(array, pieces), new ArraySplitter(), 1_000);
        var items = new List<string>();
        while (await reader.NextAsync(TestContext.Current.CancellationToken))
        {
            items.Add(Encoding.UTF8.GetString(reader.Item).Trim());
        }

        Assert.Equal(["""{"a":"x\\\"],{"}""", "[1,[2]]", "\"s\\\\\"", "5", "{}"], items);
    }

    private Task<IngestionServer.Answer> PostLines(string lines) => _server.PostAsync(Import, Encoding.UTF8.GetBytes(lines), JsonLines);

    private static (int Imported, int AlreadyThere, int Failed) Counts(IngestionServer.Answer answer) => (
        answer.Json.GetProperty("imported").GetInt32(),
        answer.Json.GetProperty("already_there").GetInt32(),
        answer.Json.GetProperty("failed").GetInt32());

    private static string One(string id) => SomeTrace.Json(("trace_id", $"\"{id}\""));

    private static string Other(string id) => SomeTrace.Json(("trace_id", $"\"{id}\""), ("user_query", "\"else\""));

    private sealed class DripStream(byte[] bytes, int pieces) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, pieces)], cancellationToken);
    }
}
