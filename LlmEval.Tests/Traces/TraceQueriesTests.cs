using LlmEval.Core.Access;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using static LlmEval.Tests.Support.SearchedTraces;

namespace LlmEval.Tests.Traces;

public class TraceQueriesTests
{
    private const string Metadata = """{"k.\"q'$":"it's","n":1.50,"b":true,"null":null,"list":[1, 2],"dataset":"x","k":1,"k2":"1"}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly (string Name, TraceFilter Filter, string Ids)[] Filters =
    [
        ("nothing", TraceFilter.Everything, "e d c b a"),
        ("model", new() { ModelNames = ["gpt-4"] }, "c b a"),
        ("models", new() { ModelNames = ["gpt-4", "claude", "gpt-4"] }, "e d c b a"),
        ("no such model", new() { ModelNames = ["gpt"] }, ""),
        ("model and status", new() { ModelNames = ["gpt-4"], Statuses = [EvaluationStatus.Pending] }, "c a"),
        ("model and statuses", new() { ModelNames = ["claude", "gpt-4"], Statuses = [EvaluationStatus.Accepted, EvaluationStatus.Rejected] }, "e b"),
        ("statuses", new() { Statuses = [EvaluationStatus.Accepted, EvaluationStatus.Rejected] }, "e b"),
        ("many models", new() { ModelNames = [.. Enumerable.Range(0, 50).Select(i => $"m{i}"), "claude"], Statuses = [EvaluationStatus.Pending] }, "d"),
        ("ids", new() { TraceIds = ["d", "a", "none"] }, "d a"),
        ("ids and model", new() { TraceIds = ["d", "a"], ModelNames = ["claude"] }, "d"),
        ("session", new() { SessionId = "s'1" }, "b a"),
        ("session and statuses", new() { SessionId = "s'1", Statuses = [EvaluationStatus.Accepted, EvaluationStatus.Rejected] }, "b"),
        ("user", new() { UserId = "u" }, "c"),
        ("environment", new() { Environment = "prod" }, "c"),
        ("parent", new() { ParentId = "a" }, "d"),
        ("tag", new() { Tags = ["red"] }, "d c"),
        ("tags", new() { Tags = ["a \"b\"", "red"] }, "d"),
        ("from", new() { From = At(3) }, "e d"),
        ("to", new() { To = At(3) }, "c b a"),
        ("from to", new() { From = At(1), To = At(3) }, "c b"),
        ("cost", new() { MinCost = 0.000000000001m }, "e b"),
        ("cost is a number", new() { MinCost = 9m }, "e"),
        ("cost zero", new() { MinCost = 0m }, "e b a"),
        ("time", new() { MinResponseTimeMs = 0.5 }, "b"),
        ("with error", new() { HasError = true }, "e"),
        ("without error", new() { HasError = false }, "d c b a"),
        ("metadata with quotes", new() { Metadata = [new("k.\"q'$", "it's")] }, "c"),
        ("metadata number", new() { Metadata = [new("n", "1.50")] }, "c"),
        ("metadata other writing of a number", new() { Metadata = [new("n", "1.5")] }, ""),
        ("metadata boolean", new() { Metadata = [new("b", "true")] }, "c"),
        ("metadata null", new() { Metadata = [new("null", "null")] }, ""),
        ("metadata both", new() { Metadata = [new("dataset", "x"), new("k2", "1")] }, "d c"),
        ("metadata one only", new() { Metadata = [new("dataset", "x"), new("b", "true")] }, "c"),
        ("metadata nested is no member", new() { Metadata = [new("inner", "1")] }, ""),
        ("all at once", new() { ModelNames = ["gpt-4"], Statuses = [EvaluationStatus.Pending], Tags = ["red"], From = At(1), HasError = false }, "c"),
    ];

    /// <summary>Rows that no index points to, over several steps of the walk that looks for them.</summary>
    private static readonly (string Name, TraceFilter Filter, Func<int, bool> Passes)[] Hidden =
    [
        ("metadata", new() { Metadata = [new("place", "here")] }, i => i % 1_000 == 7),
        ("metadata of one model", new() { ModelNames = ["even"], Metadata = [new("place", "here")] }, _ => false),
        ("metadata of models", new() { ModelNames = ["even", "odd"], Metadata = [new("place", "here")] }, i => i % 1_000 == 7),
        ("tag and time", new() { Tags = ["marked"], To = SomeTrace.Now.AddMinutes(-60) }, i => i > 3_600 && i % 1_000 == 7),
        ("metadata and text", new() { Metadata = [new("place", "here")], Text = "answer" }, i => i % 1_000 == 7),
        ("metadata nowhere", new() { Metadata = [new("place", "nowhere")] }, _ => false),
    ];

    [Theory]
    [EveryDatabase(false)]
    [EveryDatabase(true)]
    public async Task WhatNoIndexHoldsIsFoundPageByPageHoweverShortThePages(DatabaseKind kind, bool isSlow)
    {
        await using TestCore core = await StartAsync(kind, services => services.AddSingleton(isSlow ? new HurryingClock() : TimeProvider.System));
        await core.StoreAsync([.. Enumerable.Range(0, 6_500).Select(i => SomeTrace.New(
            ("trace_id", Json($"t{i}")),
            ("model_name", i % 2 == 0 ? "\"even\"" : "\"odd\""),
            ("timestamp", Json(SomeTrace.Now.AddSeconds(-i).ToString("O"))),
            ("metadata", i % 1_000 == 7 ? """{"place":"here"}""" : "{}"),
            ("tags", i % 1_000 == 7 ? "[\"marked\"]" : "[]")))]);
        await core.IndexAllAsync();

        foreach ((string name, TraceFilter filter, Func<int, bool> passes) in Hidden)
        {
            List<string> found = [];
            Cursor? after = null;
            int pages = 0;
            do
            {
                Page<TraceSummary> page = await core.PageAsync(filter, after, limit: 3);
                found.AddRange(page.Items.Select(t => t.TraceId));
                after = page.Next;
                pages++;
            }
            while (after is not null);

            IEnumerable<string> exported = (await ExportAsync(core, filter)).Select(d => d.Trace.TraceId).Reverse();
            string[] expected = [.. Enumerable.Range(0, 6_500).Where(passes).Select(i => $"t{i}")];
            Assert.True(expected.SequenceEqual(found), $"{name} found {string.Join(' ', found)}.");
            Assert.Equal(expected, exported);
            Assert.True(isSlow == (pages > 4), $"{name} took {pages} pages.");
        }
    }

    [Theory]
    [EveryDatabase]
    public async Task FiltersFindTheSameEverywhere(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await core.StoreAsync(
            New("a", 0, ("session_id", "\"s'1\""), ("cost", "0")),
            New("b", 1, ("session_id", "\"s'1\""), ("cost", "0.000000000001"), ("response_time_ms", "0.5")),
            New("c", 2, ("user_id", "\"u\""), ("environment", "\"prod\""), ("tags", """["red","blue"]"""), ("metadata", Metadata)),
            New("d", 3, ("model_name", "\"claude\""), ("parent_id", "\"a\""), ("tags", """["a \"b\"","red"]"""), ("metadata", """{"x":{"inner":1},"dataset":"x","k2":1}""")),
            New("e", 4, ("model_name", "\"claude\""), ("error", "\"broke\""), ("cost", "10.5")));
        await core.JudgeAsync(new Verdict("b", EvaluationStatus.Accepted));
        await core.JudgeAsync(new Verdict("e", EvaluationStatus.Rejected));

        foreach ((string name, TraceFilter filter, string ids) in Filters)
        {
            string found = string.Join(' ', await core.ListIdsAsync(filter));
            Assert.True(ids == found, $"{name} found <{found}>, not <{ids}>.");
            string exported = string.Join(' ', (await ExportAsync(core, filter)).Select(d => d.Trace.TraceId).Reverse());
            Assert.True(ids == exported, $"{name} exported <{exported}>, not <{ids}>.");
            string taken = string.Join(' ', (await core.AllAsync()).Where(filter.Takes).Select(t => t.TraceId).Reverse());
            Assert.True(ids == taken, $"{name} takes <{taken}>, not <{ids}>.");
        }
    }

    [Theory, EveryDatabase]
    public async Task NeighboursAreTheNearestOnEachSideThatPassTheFilter(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await core.StoreAsync([.. Enumerable.Range(0, 9).Select(i => New($"t{i}", i / 2, ("model_name", $"\"m{i % 2}\"")))]);
        Trace here = (await core.AllAsync()).Single(t => t.TraceId == "t4");
        var place = new Cursor(here.Timestamp, here.Id);

        TraceSurroundings all = await core.Get<TraceQueries>().AroundAsync(Projects.Default, TraceFilter.Everything, place, 2, Cancel);
        TraceSurroundings odd = await core.Get<TraceQueries>().AroundAsync(Projects.Default, new() { ModelNames = ["m1"] }, place, 9, Cancel);

        Assert.Equal(["t5", "t6"], all.Newer.Select(t => t.TraceId));
        Assert.Equal(["t3", "t2"], all.Older.Select(t => t.TraceId));
        Assert.Equal(["t5", "t7"], odd.Newer.Select(t => t.TraceId));
        Assert.Equal(["t3", "t1"], odd.Older.Select(t => t.TraceId));
    }

    [Theory]
    [EveryDatabase(false)]
    [EveryDatabase(true)]
    public async Task PagesNeitherRepeatNorMissWhileTracesComeIn(DatabaseKind kind, bool filtered)
    {
        await using TestCore core = await StartAsync(kind);
        TraceFilter filter = filtered ? new() { ModelNames = ["m0", "m1"], Statuses = [EvaluationStatus.Pending, EvaluationStatus.Accepted] } : new();

        // Many share a time.
        string[] before = [.. Enumerable.Range(0, 200).Select(i => $"t{i}")];
        await core.StoreAsync([.. before.Select((id, i) => New(id, i / 30, ("model_name", $"\"m{i % 2}\"")))]);
        List<string> seen = [];
        Cursor? after = null;
        for (int page = 0; page == 0 || after is not null; page++)
        {
            Page<TraceSummary> found = await core.PageAsync(filter, after, limit: 7);
            seen.AddRange(found.Items.Select(t => t.TraceId));
            after = found.Next is null ? null : Cursor.TryParse(found.Next.ToString(), out Cursor? parsed) ? parsed : throw new FormatException();
            await core.StoreAsync(New($"new{page}", 1_000 + page, ("model_name", "\"m0\"")));
        }

        Assert.Equal(before.Select((id, i) => (id, i)).OrderByDescending(t => t.i / 30).ThenByDescending(t => t.i).Select(t => t.id), seen);
    }

    [Theory]
    [EveryDatabase]
    public async Task PreviewsAreCutAndWholeTextsAreNot(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        string text = "é" + string.Concat(Enumerable.Repeat("👍", 200));
        await core.StoreAsync(New("a", 0, ("user_query", Json(text)), ("ai_response", Json(new string('x', 100)))));

        TraceSummary summary = (await core.PageAsync(TraceFilter.Everything, null, 10)).Items.Single();
        Trace whole = (await core.Get<TraceQueries>().ListAsync(Projects.Default, TraceFilter.Everything, null, 10, Cancel)).Items.Single();

        Assert.Equal(TraceSummary.Of(whole) with { Tags = null }, summary with { Tags = null });
        Assert.Equal(text, whole.UserQuery);
        Assert.Equal(99, summary.UserQuery.Length);
    }

    [Theory]
    [EveryDatabase("user_query", "ai_response")]
    [EveryDatabase("error", "system_prompt")]
    public async Task APageOfVeryLongTextsEndsEarlyAndGoesOn(DatabaseKind kind, string one, string other)
    {
        await using TestCore core = await StartAsync(kind);
        string text = Json(new string('x', 1_000_000));
        await core.StoreAsync([.. Enumerable.Range(0, 12).Select(i => New($"t{i}", i, (one, text), (other, text)))]);
        List<int> pages = [];
        List<string> seen = [];
        Cursor? after = null;
        do
        {
            Page<Trace> page = await core.Get<TraceQueries>().ListAsync(Projects.Default, TraceFilter.Everything, after, 1_000, Cancel);
            pages.Add(page.Items.Count);
            seen.AddRange(page.Items.Select(t => t.TraceId));
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal(Enumerable.Range(0, 12).Reverse().Select(i => $"t{i}"), seen);
        Assert.InRange(pages.Max(), 2, 6);
    }

    [Theory]
    [EveryDatabase]
    public async Task ExportsHistoriesOldestFirst(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await core.StoreAsync([.. Enumerable.Range(0, 1_200).Select(i => New($"t{i}", i / 5))]);
        await core.JudgeAsync(new Verdict("t7", EvaluationStatus.Rejected) { Reason = "Wrong" });
        await core.JudgeAsync(new Verdict("t7", EvaluationStatus.Accepted) { CorrectedResponse = "better" });

        List<TraceDetail> all = await ExportAsync(core, TraceFilter.Everything);

        Assert.Equal(Enumerable.Range(0, 1_200).Select(i => $"t{i}"), all.Select(d => d.Trace.TraceId));
        Assert.Equal([EvaluationStatus.Rejected, EvaluationStatus.Accepted], all[7].History.Select(e => e.Status));
        Assert.All(all.Where(d => d.Trace.TraceId != "t7"), d => Assert.Empty(d.History));
    }

    [Theory]
    [EveryDatabase]
    public async Task AnExportHoldsNoMoreThanAPartOfLongHistories(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await core.StoreAsync([.. Enumerable.Range(0, 6).Select(i => New($"t{i}", i))]);
        foreach (string id in new[] { "t1", "t2", "t3", "t5" })
        {
            await core.AddHistoryAsync(id, count: 3, new string('x', 500_000));
        }

        List<IReadOnlyList<TraceDetail>> parts = [];
        await foreach (IReadOnlyList<TraceDetail> part in core.Get<TraceQueries>().ExportAsync(Projects.Default, TraceFilter.Everything, Cancel))
        {
            parts.Add(part);
        }

        Assert.Equal(["t0", "t1", "t2", "t3", "t4", "t5"], parts.SelectMany(p => p).Select(d => d.Trace.TraceId));
        Assert.Equal([0, 3, 3, 3, 0, 3], parts.SelectMany(p => p).Select(d => d.History.Count));
        Assert.All(parts, p => Assert.InRange(p.Sum(d => d.History.Sum(e => e.Notes!.Length + e.CorrectedResponse!.Length)), 0, 8_000_000));
    }

    [Theory]
    [EveryDatabase]
    public async Task ModelNamesAreDistinctAndSorted(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        Assert.Empty(await core.Get<TraceQueries>().ModelNamesAsync(Projects.Default, Cancel));

        await core.StoreAsync([.. Enumerable.Range(0, 60).Select(i => New($"t{i}", i, ("model_name", Json(new[] { "b", "A", "c-1", "Ä", "a b" }[i % 5]))))]);

        Assert.Equal(["A", "a b", "b", "c-1", "Ä"], await core.Get<TraceQueries>().ModelNamesAsync(Projects.Default, Cancel));
    }

    private static DateTime At(int second) => SomeTrace.Now.AddSeconds(second - 5_000);

    private static NewTrace New(string id, int second, params (string Name, string? Json)[] members) =>
        SomeTrace.New([("trace_id", Json(id)), ("timestamp", Json(At(second).ToString("O"))), .. members]);

    private static async Task<List<TraceDetail>> ExportAsync(TestCore core, TraceFilter filter)
    {
        List<TraceDetail> all = [];
        await foreach (IReadOnlyList<TraceDetail> part in core.Get<TraceQueries>().ExportAsync(Projects.Default, filter, Cancel))
        {
            all.AddRange(part);
        }

        return all;
    }

    /// <summary>With each look at it the patience for a page has run out; the loops of the background still rest by the real time.</summary>
    private sealed class HurryingClock : TimeProvider
    {
        private long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Interlocked.Add(ref _seconds, 60);
    }
}
