using LlmEval.Core.Ingestion;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using static LlmEval.Tests.Support.SearchedTraces;

namespace LlmEval.Tests.Search;

/// <summary>One table of texts and queries: every database gives the same answers.</summary>
public class SearchAnswersTests
{
    private static readonly (string Id, string Query, string Answer)[] Texts =
    [
        ("capital", "What is the capital of France?", "The capital of France is Paris."),
        ("cooking", "How do I make crème brûlée?", "Beat the eggs; don't boil the cream. 1,5 litres of cream."),
        ("tokyo", "東京タワーの高さは？", "333メートルです。"),
        ("kyoto", "京都はどこ？", "東にはない。"),
        ("code", "fix my snake_case foo.bar(baz)", "Use `foo_bar` & 'baz' \\ C:\\temp; SELECT 1; -- \" <-> | !"),
        ("empty", "", ""),
        ("greek", "Ποιος ήταν ο ΣΊΣΥΦΟΣ;", "Paris was someone else."),
        ("long", "needle first", string.Concat(Enumerable.Repeat("the hay ", 9_000)) + "last needle hidden word"),
        ("emoji", "👍🏽 thumbs", "gpt-4o-mini says \ufffd ok"),
    ];

    private static readonly (string Query, string Ids)[] Answers =
    [
        ("paris", "capital greek"),
        ("PARIS capital", "capital"),
        ("paris -capital", "greek"),
        ("-paris", "code cooking emoji empty kyoto long tokyo"),
        ("-paris -the", "code emoji empty kyoto tokyo"),
        ("\"capital of france\"", "capital"),
        ("\"france capital\"", ""),
        ("\"of france the\"", ""), // no phrase goes from one text into the next
        ("creme brulee", "cooking"),
        ("CRÈME", "cooking"),
        ("\"don't boil\"", "cooking"),
        ("\"1,5 litres\"", "cooking"),
        ("東京", "tokyo"),
        ("京", "kyoto tokyo"),
        ("東 京", "kyoto tokyo"),
        ("東京*", "tokyo"),
        ("σισυφος", "greek"),
        ("snake_case", "code"),
        ("foo.bar", "code"),
        ("foo_bar -snake", ""),
        ("gpt-4o*", "emoji"),
        ("gpt-4o", "emoji"),
        ("gpt-4", ""),
        ("cap*", "capital"),
        ("\"capital of fr\"*", "capital"),
        ("-cap* paris", "greek"),
        ("\"last needle\"", ""), // past the 16,380th word there are no phrases
        ("hidden needle", "long"),
        ("\"needle first\"", "long"),
        ("\"the hay the hay\"", "long"),
        ("nowhere", ""),
        ("👍", "capital code cooking emoji empty greek kyoto long tokyo"),
        ("", "capital code cooking emoji empty greek kyoto long tokyo"),
    ];

    [Theory]
    [EveryDatabase]
    public async Task EveryDatabaseAnswersAlike(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await core.StoreAsync([.. Texts.Select(t => New(t.Id, t.Query, t.Answer))]);
        await core.IndexAllAsync();

        foreach ((string query, string ids) in Answers)
        {
            string found = string.Join(' ', (await core.SearchAsync(query)).Order(StringComparer.Ordinal));
            Assert.True(ids == found, $"{query} found <{found}>, not <{ids}>.");
        }
    }

    [Theory]
    [EveryDatabase]
    public async Task EveryFieldIsSearched(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await core.StoreAsync(
            SomeTrace.New(("trace_id", "\"system\""), ("system_prompt", "\"You are a pirate\"")),
            SomeTrace.New(("trace_id", "\"text\""), ("error", "\"rate limit r\\u00e9ached\"")),
            SomeTrace.New(("trace_id", "\"object\""), ("error", """{"code":429,"detail":{"why":["quota exceeded"]}}""")));
        await core.IndexAllAsync();

        Assert.Equal(["system"], await core.SearchAsync("pirate"));
        Assert.Equal(["text"], await core.SearchAsync("reached"));
        Assert.Equal(["object"], await core.SearchAsync("429 \"quota exceeded\" why"));
    }

    [Theory]
    [EveryDatabase]
    public async Task AHitThatTheBeginningDoesNotShowIsCutOut(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        string hay = string.Concat(Enumerable.Repeat("hay ", 50));
        await core.StoreAsync(
            New("seen", "Where is the needle?", hay + "needle"),
            New("answer", "Where?", hay + "the Needle 😀 lies " + hay),
            New("question", hay + "find my needle", "No."),
            New("narrow", "Where?", string.Concat(Enumerable.Repeat("hay ", 12)) + "needle"),
            New("emoji", "Where?", string.Concat(Enumerable.Repeat("😀", 60)) + " needle"),
            New("prompt", "Where?", "There."));
        await core.IndexAllAsync();

        Page<TraceSummary> page = await core.PageAsync(new TraceFilter { Text = "needle -nothing" }, after: null, limit: 10);

        Dictionary<string, string?> excerpts = page.Items.ToDictionary(t => t.TraceId, t => t.Excerpt);
        Assert.Equal(["answer", "emoji", "narrow", "question", "seen"], excerpts.Keys.Order(StringComparer.Ordinal));
        Assert.Null(excerpts["seen"]);
        Assert.StartsWith("…hay hay ", excerpts["answer"], StringComparison.Ordinal);
        Assert.Contains("the Needle 😀 lies hay", excerpts["answer"], StringComparison.Ordinal);
        Assert.EndsWith("…", excerpts["answer"], StringComparison.Ordinal);
        Assert.EndsWith("hay find my needle", excerpts["question"], StringComparison.Ordinal);
        Assert.Equal("…hay hay hay hay needle", excerpts["narrow"]);
        Assert.EndsWith("😀 needle", excerpts["emoji"], StringComparison.Ordinal);
        Assert.DoesNotContain('\ufffd', excerpts["emoji"]!);
        Assert.Equal(excerpts["emoji"]!.Length, excerpts["emoji"]!.EnumerateRunes().Sum(r => r.Utf16SequenceLength));

        Assert.All((await core.PageAsync(TraceFilter.Everything, after: null, limit: 10)).Items, t => Assert.Null(t.Excerpt));
    }

    /// <summary>Whatever the index holds of them, the hits come in the order of the list, page by page, each once.</summary>
    [Theory]
    [EveryDatabase("rare", 3)]
    [EveryDatabase("common", 4_000)]
    [EveryDatabase("old", 400)]
    [EveryDatabase("word -common", 4_000)]
    public async Task PagesGoThroughAllHitsInOrder(DatabaseKind kind, string query, int count)
    {
        await using TestCore core = await StartAsync(kind);
        await core.StoreAsync(
        [
            .. Enumerable.Range(0, 8_000).Select(i => New(
                $"t{i}",
                i % 2 == 0 ? "word common" : "word",
                i is 5 or 4_000 or 7_000 ? "rare" : i < 400 ? "old" : "",
                SomeTrace.Now.AddSeconds(-(i * 7_919L % 8_000) / 3))),
        ]);
        await core.IndexAllAsync();

        List<string> expected = [];
        await foreach (IReadOnlyList<TraceDetail> part in core.Get<TraceQueries>().ExportAsync(1, new TraceFilter { Text = query }, TestContext.Current.CancellationToken))
        {
            expected.InsertRange(0, part.Select(t => t.Trace.TraceId).Reverse());
        }

        List<string> paged = [];
        Cursor? after = null;
        do
        {
            Page<TraceSummary> page = await core.PageAsync(new TraceFilter { Text = query }, after, limit: 700);
            paged.AddRange(page.Items.Select(t => t.TraceId));
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal(query == "old" ? 399 : count, paged.Count);
        Assert.Equal(expected, paged);
    }

    private static NewTrace New(string id, string query, string answer, DateTime? at = null) => SomeTrace.New(
        ("trace_id", Json(id)),
        ("user_query", Json(query)),
        ("ai_response", Json(answer)),
        ("timestamp", Json((at ?? SomeTrace.Now).ToString("O"))));
}
