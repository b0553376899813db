using Bunit;
using LlmEval.Core.Access;
using LlmEval.Core.Amending;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Tests.Live;
using LlmEval.Tests.Review;
using LlmEval.Tests.Support;
using LlmEval.Tests.Traces;
using LlmEval.Web.Access;
using LlmEval.Web.Live;
using LlmEval.Web.Review;
using LlmEval.Web.Shell;
using LlmEval.Web.SingleTrace;
using LlmEval.Web.Traces;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.SingleTrace;

public sealed class TracePageTests : BunitContext, IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(SomeTrace.Now));
    private readonly TestTraces _traces = new();
    private readonly TestLog _log;
    private readonly List<(string TraceId, int Version)> _removed = [];
    private TestCore _core = null!;

    public TracePageTests()
    {
        _log = new TestLog(_time);
        JSInterop.Mode = JSRuntimeMode.Loose;
        JSInterop.Setup<string?>("llmevalViewer.timeZone").SetResult("Europe/Berlin");
        JSInterop.SetupModule("./SingleTrace/SessionThread.razor.js").Mode = JSRuntimeMode.Loose;
        BunitJSModuleInterop find = JSInterop.SetupModule("./SingleTrace/FindInText.razor.js");
        find.Mode = JSRuntimeMode.Loose;
        find.SetupModule(call => call.Identifier == "attach").Mode = JSRuntimeMode.Loose;
        Services.AddLive();
        Services.AddSingleton(SomeTrace.Project);
        Services.AddSingleton<TimeProvider>(_time);
        Services.AddSingleton(_log.Hub);
        Services.AddSingleton(_log.Feed);
        Services.AddSingleton(_traces.Reads);
        BunitJSModuleInterop panel = JSInterop.SetupModule("./Review/JudgePanel.razor.js");
        panel.Mode = JSRuntimeMode.Loose;
        panel.SetupModule(call => call.Identifier == "watch").Mode = JSRuntimeMode.Loose;
        Services.AddSingleton<RemoveTrace>((traceId, version, _) =>
        {
            _removed.Add((traceId, version));
            return Task.FromResult(version == 1 ? ChangeOutcome.Applied : ChangeOutcome.Moved);
        });
        Services.AddSingleton(SomeViewer.Open);
        Services.AddScoped<CurrentReviewer>();
        Services.AddScoped<ViewerTime>();
        Services.AddScoped<ListPlace>();
    }

    [Fact]
    public void TheConversationIsShownInItsOrder()
    {
        Trace trace = _traces.Add(SomeTraces.One("a"));
        (trace.SystemPrompt, trace.AiResponse) = ("Be *kind*.", "It is **so**.");
        trace.FunctionsCalled = """[{"name":"lookup","parameters":{"order":1},"result":"late","duration_ms":212}]""";
        trace.Error = "\"It broke.\"";
        IRenderedComponent<TracePage> page = Open("a");

        string text = WaitFor(page, ".conversation").TextContent;
        string[] parts = ["System prompt", "Be kind.", "User", "Question of a", "lookup", "order: 1", "212 ms", "Assistant", "1 function call", "It is so.", "It broke."];
        Assert.Equal(parts, parts.Where(text.Contains).OrderBy(part => text.IndexOf(part, StringComparison.Ordinal)));
        Assert.Equal("so", page.Find(".assistant strong").TextContent);
        Assert.Equal("Question of a", page.Find("h1").TextContent);
    }

    [Fact]
    public void RawAndJsonShowWhatWasSent()
    {
        Trace trace = _traces.Add(SomeTraces.One("a"));
        (trace.AiResponse, trace.Metadata) = ("It is **so**.", """{"k":1.50}""");
        IRenderedComponent<TracePage> page = Open("a", "view=raw");
        Assert.Equal("It is **so**.", WaitFor(page, ".assistant pre").TextContent);

        Navigate("traces/a?view=json");
        Assert.Contains("\"ai_response\": \"It is **so**.\"", WaitFor(page, ".whole pre").TextContent, StringComparison.Ordinal);
        Assert.Contains("\"k\": 1.50", page.Find(".whole pre").TextContent, StringComparison.Ordinal);
    }

    /// <summary>Render batches carry every parameter that is a string, though only its beginning is shown.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("view=raw")]
    [InlineData("view=json")]
    public void OfVeryLongTextsNoMoreGoesToTheBrowserThanIsShown(string query)
    {
        string text = new('x', 1 << 20);
        Trace trace = _traces.Add(SomeTraces.One("a"));
        (trace.SystemPrompt, trace.UserQuery, trace.AiResponse, trace.Error) = (text, text, text, $"\"{text}\"");
        trace.FunctionsCalled = $$"""[{"name":"lookup","parameters":{"order":"{{text}}"},"result":"{{text}}"}]""";
        trace.Metadata = $$"""{"note":"{{text}}"}""";
        _traces.Verdicts.AddRange(
        [
            new Evaluation { Id = 1, TraceId = "a", Notes = text, CorrectedResponse = text },
            new Evaluation { Id = 2, TraceId = "a", Notes = text, CorrectedResponse = text },
        ]);
        IRenderedComponent<TracePage> page = Open("a", query);
        WaitFor(page, "#texts pre");
        WaitFor(page, ".judge");

        string[] tooLong =
        [
            .. page.FindComponents<IComponent>()
                .SelectMany(part => part.Instance.GetType().GetProperties()
                    .Where(property => property.IsDefined(typeof(ParameterAttribute), inherit: true) && property.PropertyType == typeof(string))
                    .Where(property => property.GetValue(part.Instance) is string { Length: > 1_000 })
                    .Select(property => $"{part.Instance.GetType().Name}.{property.Name}")),
        ];
        Assert.Empty(tooLong);
        Assert.InRange(page.Markup.Length, 20_000, 500_000);
    }

    [Fact]
    public void OfVeryManyMembersOnlyTheFirstArePartsOfThePage()
    {
        string members = "{" + string.Join(",", Enumerable.Range(0, 20_000).Select(i => $"\"m{i}\":{{\"a\":[{i}]}}")) + "}";
        Trace trace = _traces.Add(SomeTraces.One("a"));
        (trace.Metadata, trace.FunctionsCalled) = (members, $"[{members}]");
        _traces.Verdicts.AddRange(Enumerable.Range(1, 1_000).Select(i => new Evaluation { Id = i, TraceId = "a", Notes = $"note {i}" }));
        IRenderedComponent<TracePage> page = Open("a");
        WaitFor(page, ".facts");
        WaitFor(page, ".judge");

        Assert.Equal(JsonWords.MostMembers, page.FindAll(".facts dt bdi").Count);
        Assert.Equal(JsonWords.MostMembers, page.FindAll(".call h4").Count);
        Assert.InRange(page.FindAll("*").Count, 100, 2_000);

        Press(page, ".facts", "Show all as JSON");
        Until(page, () => Assert.Contains("\"m60\"", page.Find(".facts").TextContent, StringComparison.Ordinal));
        Assert.InRange(page.FindAll("*").Count, 100, 2_000);
    }

    [Fact]
    public void ALongHistoryIsShownStepByStepFromItsEnd()
    {
        _traces.Add(SomeTraces.One("a"));
        _traces.Verdicts.AddRange(Enumerable.Range(1, 25).Select(i => new Evaluation { Id = i, TraceId = "a", Reason = $"reason {i}" }));
        IRenderedComponent<TracePage> page = Open("a");
        WaitFor(page, ".judge");
        Assert.Equal(Enumerable.Range(16, 10).Reverse().Select(i => $"reason {i}"), Reasons());

        Press(page, "[aria-labelledby=history-title]", "Show more of 25 verdicts");

        Until(page, () => Assert.Equal(25, Reasons().Count()));
        Assert.Empty(page.FindAll("[aria-labelledby=history-title] > button"));

        IEnumerable<string> Reasons() => page.FindAll("[aria-labelledby=history-title] .reason").Select(r => r.TextContent);
    }

    [Fact]
    public void NeighboursAreThoseOfTheListItCameFrom()
    {
        _traces.Add(SomeTraces.One("newest", 0, EvaluationStatus.Rejected));
        _traces.Add(SomeTraces.One("newer", 1));
        _traces.Add(SomeTraces.One("a", 2, EvaluationStatus.Rejected));
        _traces.Add(SomeTraces.One("older", 3));
        _traces.Add(SomeTraces.One("oldest", 4, EvaluationStatus.Rejected));
        IRenderedComponent<TracePage> page = Open("a", "status=rejected");

        WaitFor(page, ".conversation");
        Assert.Equal("traces/newest?status=rejected", page.Find("[aria-label='Newer trace']").GetAttribute("href"));
        Assert.Equal("traces/oldest?status=rejected", page.Find("[aria-label='Older trace']").GetAttribute("href"));
        Assert.Equal("traces?status=rejected", page.Find("[aria-keyshortcuts=Escape]").GetAttribute("href"));
        Assert.Equal("http://localhost/traces/a", page.Find(".share").GetAttribute("data-copy-text"));
    }

    [Fact]
    public void ATraceThatComesAfterTheNewestBecomesItsNeighbour()
    {
        _traces.Add(SomeTraces.One("a", 1));
        IRenderedComponent<TracePage> page = Open("a");
        WaitFor(page, ".conversation");
        Assert.Equal("true", page.Find("[aria-label='Newer trace']").GetAttribute("aria-disabled"));

        _log.Stored(_traces.Add(SomeTraces.One("b")));

        page.WaitForAssertion(() => Assert.Equal("traces/b", page.Find("[aria-label='Newer trace']").GetAttribute("href")), Patience);
    }

    [Fact]
    public void TheSessionIsAThreadThatGrows()
    {
        foreach ((string id, int ago) in (ReadOnlySpan<(string, int)>)[("a", 3), ("b", 2), ("c", 1)])
        {
            _traces.Add(SomeTraces.One(id, ago)).SessionId = "s";
        }

        IRenderedComponent<TracePage> page = Open("b");
        page.WaitForAssertion(() => Assert.Equal(["Question of a", "Question of b", "Question of c"], Turns(page)), Patience);
        Assert.Equal("Question of b", page.Find("a[aria-current=page] .question").TextContent);

        Trace next = SomeTraces.One("d");
        next.SessionId = "s";
        _log.Stored(_traces.Add(next));
        page.WaitForAssertion(() => Assert.Equal(4, Turns(page).Length), Patience);
    }

    [Fact]
    public void AVerdictElsewhereShowsAtOnce()
    {
        Trace trace = _traces.Add(SomeTraces.One("a"));
        IRenderedComponent<TracePage> page = Open("a");
        Assert.Contains("Nobody has judged", WaitFor(page, ".side").TextContent, StringComparison.Ordinal);

        _traces.Verdicts.Add(new Evaluation
        {
            Id = 1,
            TraceId = "a",
            Status = EvaluationStatus.Rejected,
            Evaluator = "kim",
            Reason = "<b>wrong</b>",
            Notes = "two\nlines",
            Tags = ["x"],
            CorrectedResponse = "better",
            CreatedAt = SomeTrace.Now,
        });
        _log.Evaluated(trace, EvaluationStatus.Rejected);

        page.WaitForAssertion(() => Assert.Equal("Rejected", page.Find(".head .st").TextContent), Patience);
        string history = page.Find("[aria-labelledby=history-title]").TextContent;
        foreach (string part in (string[])["Rejected by kim", "<b>wrong</b>", "two\nlines", "x", "better"])
        {
            Assert.Contains(part, history, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ADeletedTraceIsSaidToBeSoAndStaysReadable()
    {
        Trace trace = _traces.Add(SomeTraces.One("a"));
        IRenderedComponent<TracePage> page = Open("a");
        WaitFor(page, ".judge");

        _traces.Remove(trace);
        _log.Deleted(trace);

        Assert.Contains("deleted", WaitFor(page, ".banner").TextContent, StringComparison.Ordinal);
        Assert.Contains("Answer to a", page.Find(".conversation").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".judge"));
    }

    [Fact]
    public void ATraceIsDeletedByHandAfterAQuestion()
    {
        _traces.Add(SomeTraces.One("a"));
        IRenderedComponent<TracePage> page = Open("a");

        WaitFor(page, ".delete button").Click();
        Until(page, () => Assert.Contains("no way back", page.Find(".delete [role=alert]").TextContent, StringComparison.Ordinal));
        Press(page, ".delete", "Keep it");
        Until(page, () => Assert.Single(page.FindAll(".delete button")));
        Assert.Empty(_removed);

        page.Find(".delete button").Click();
        Press(page, ".delete", "Delete it");
        Until(page, () => Assert.Equal([("a", 1)], _removed));
        Assert.Equal("", page.Find(".delete .fault").TextContent);
    }

    [Fact]
    public void WhatSomebodyChangedMeanwhileIsNotDeletedUnseen()
    {
        _traces.Add(SomeTraces.One("a")).Version = 2;
        IRenderedComponent<TracePage> page = Open("a");

        WaitFor(page, ".delete button").Click();
        Press(page, ".delete", "Delete it");

        Until(page, () => Assert.Contains("Somebody changed it meanwhile", page.Find(".delete .fault").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void OnlyAdminsAreOfferedToDelete()
    {
        _traces.Add(SomeTraces.One("a"));
        Navigate("traces/a");
        IRenderedComponent<TracePage> page = Render<TracePage>(p => p
            .Add(t => t.Id, "a")
            .AddCascadingValue(new Caller(CallerKind.Open, "a reviewer", Projects.Default, Rights.Read | Rights.Evaluate)));

        WaitFor(page, ".judge");
        Assert.Empty(page.FindAll(".delete"));
    }

    [Fact]
    public void ATraceThatIsNotThereYetAppearsWhenItArrives()
    {
        IRenderedComponent<TracePage> page = Open("a");
        Assert.Contains("There is no such trace", WaitFor(page, ".notice").TextContent, StringComparison.Ordinal);

        _log.Stored(_traces.Add(SomeTraces.One("a")));

        Assert.Contains("Answer to a", WaitFor(page, ".conversation").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void WhileTheDatabaseIsAwayThePageSaysSoAndRecovers()
    {
        _traces.Add(SomeTraces.One("a"));
        _traces.Away = true;
        IRenderedComponent<TracePage> page = Open("a");
        Assert.Contains("database cannot be reached", WaitFor(page, ".banner").TextContent, StringComparison.Ordinal);

        _traces.Away = false;
        page.WaitForAssertion(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                Assert.NotEmpty(page.FindAll(".conversation"));
            },
            Patience);
        Assert.Empty(page.FindAll(".banner"));
    }

    [Fact]
    public void AMetadataValueLeadsToTheTracesThatShareIt()
    {
        Trace trace = _traces.Add(SomeTraces.One("a"));
        trace.Metadata = """{"data set":"x&y","list":[1]}""";
        IRenderedComponent<TracePage> page = Open("a");

        WaitFor(page, ".facts");
        Assert.Equal("traces?metadata.data%20set=x%26y", page.FindAll(".facts a").Single(a => a.TextContent == "x&y").GetAttribute("href"));
    }

    [Fact]
    public async Task TheSubscriptionEndsWithThePage()
    {
        IRenderedComponent<TracePage> page = Open("a");
        page.WaitForAssertion(() => Assert.Equal(1, _log.Hub.Readers), Patience);

        await DisposeComponentsAsync();

        Assert.Equal(0, _log.Hub.Readers);
    }

    private IRenderedComponent<TracePage> Open(string id, string query = "")
    {
        Navigate($"traces/{id}?{query}");
        return Render<TracePage>(page => page.Add(p => p.Id, id));
    }

    private void Navigate(string url) => Services.GetRequiredService<NavigationManager>().NavigateTo(url);

    private static AngleSharp.Dom.IElement WaitFor(IRenderedComponent<TracePage> page, string selector) => page.WaitForElement(selector, Patience);

    private static void Until(IRenderedComponent<TracePage> page, Action assertion) => page.WaitForAssertion(assertion, Patience);

    private static void Press(IRenderedComponent<TracePage> page, string within, string text)
    {
        Until(page, () => Assert.Single(page.FindAll($"{within} button"), b => b.TextContent == text));
        page.FindAll($"{within} button").Single(b => b.TextContent == text).Click();
    }

    private static string[] Turns(IRenderedComponent<TracePage> page) => [.. page.FindAll("[aria-labelledby=session-title] .question").Select(q => q.TextContent)];

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        _core = await ReviewCore.StartAsync(DatabaseKind.Sqlite, _time);
        Services.AddSingleton(ActivatorUtilities.CreateInstance<ReviewDesk>(_core.Services, SomeTrace.Project, SomeViewer.Open));
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await base.DisposeAsync();
        await _core.DisposeAsync();
        _log.Dispose();
    }
}
