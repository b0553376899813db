using AngleSharp.Dom;
using Bunit;
using LlmEval.Core.Access;
using LlmEval.Core.Traces;
using LlmEval.Tests.Live;
using LlmEval.Tests.Support;
using LlmEval.Tests.Traces;
using LlmEval.Web.Access;
using LlmEval.Web.Live;
using LlmEval.Web.Shell;
using LlmEval.Web.Start;
using LlmEval.Web.Traces;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Start;

public sealed class StartPageTests : BunitContext, IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(SomeTrace.Now));
    private readonly TestLog _log;
    private long _count;
    private int _samples;
    private TraceSummary? _newest;

    public StartPageTests()
    {
        _log = new TestLog(_time);
        JSInterop.Mode = JSRuntimeMode.Loose;
        JSInterop.Setup<string?>("llmevalViewer.timeZone").SetResult("Europe/Berlin");
        BunitJSModuleInterop module = JSInterop.SetupModule("./Start/FileImport.razor.js");
        module.Mode = JSRuntimeMode.Loose;
        module.SetupModule(call => call.Identifier == "attach").Mode = JSRuntimeMode.Loose;
        Services.AddLive();
        Services.AddSingleton(SomeTrace.Project);
        Services.AddSingleton<TimeProvider>(_time);
        Services.AddSingleton(_log.Hub);
        Services.AddSingleton(_log.Feed);
        Services.AddSingleton(new StartReads(
            _ => Task.FromResult(_count),
            _ => Task.FromResult(_samples),
            _ => Task.FromResult(_newest),
            _ =>
            {
                (_count, _samples) = (_count + 72, 72);
                return Task.FromResult(true);
            },
            _ =>
            {
                (_count, _samples) = (_count - 72, 0);
                return Task.CompletedTask;
            }));
        Services.AddScoped<ViewerTime>();
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    [Fact]
    public void WaitingTurnsIntoTheFirstTrace()
    {
        IRenderedComponent<StartPage> page = Render<StartPage>();
        page.WaitForAssertion(() => Assert.Contains("Waiting for the first trace", page.Markup, StringComparison.Ordinal), Patience);

        Trace trace = SomeTraces.One("a/b ?c");
        trace.UserQuery = "<script>alert(1)</script>";
        _log.Stored(trace);

        page.WaitForAssertion(() => Assert.Equal("a/b ?c", page.Find(".trace").GetAttribute("data-arrived")), Patience);
        Assert.Contains("Your first trace is here", page.Markup, StringComparison.Ordinal);
        Assert.Equal("<script>alert(1)</script>", page.Find(".question").TextContent);
        Assert.Empty(page.FindAll("script"));
        Assert.Equal("trace?trace_id=a%2Fb%20%3Fc", page.Find(".next .primary").GetAttribute("href"));
    }

    [Theory]
    [InlineData(CallerKind.Open, false)]
    [InlineData(CallerKind.Person, true)]
    public void WherePeopleSignInTheExamplesHaveAPlaceForAKey(CallerKind kind, bool hasKey)
    {
        var viewer = new Caller(kind, "Ann", Projects.Default, Rights.All);
        IRenderedComponent<StartPage> page = Render<StartPage>(p => p.AddCascadingValue(viewer));

        foreach (IElement tab in page.FindAll("[role=tab]"))
        {
            page.Find("#" + tab.Id).Click();
            Assert.Equal(hasKey, page.Find("#first-snippet").TextContent.Contains("YOUR_KEY", StringComparison.Ordinal));
        }

        Assert.Equal(hasKey, page.FindAll(".how a[href='settings/keys']").Count == 1);
        Assert.NotEqual(hasKey, page.Markup.Contains("Nothing has to be set up", StringComparison.Ordinal));

        IRenderedComponent<FirstTrace> first = Render<FirstTrace>(p => p.AddCascadingValue(viewer));
        Assert.Equal(hasKey, first.Markup.Contains("Authorization: Bearer YOUR_KEY", StringComparison.Ordinal));
        Assert.Equal(hasKey, first.FindAll("a[href='settings/keys']").Count == 1);
    }

    [Fact]
    public async Task TheFirstTraceStaysWhateverComesAfterIt()
    {
        IRenderedComponent<StartPage> page = Render<StartPage>();
        page.WaitForAssertion(() => Assert.Contains("Waiting for the first trace", page.Markup, StringComparison.Ordinal), Patience);
        _log.Stored(SomeTraces.One("first"));
        page.WaitForAssertion(() => Assert.Equal("first", page.Find(".trace").GetAttribute("data-arrived")), Patience);

        _samples = 7;
        _log.Stored(SomeTraces.One("second"));
        _log.Flood(LiveFeed.MostBehind + 1);

        // The flood makes the page count again, at its pace: then it has seen the second one too.
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return page.Find(".act button").TextContent == "Remove 7 sample traces";
        });
        Assert.Equal("first", page.Find(".trace").GetAttribute("data-arrived"));
        Assert.Contains("Your first trace is here", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void WhereThereAreTracesANewOneIsNotCalledTheFirst()
    {
        _count = 5;
        IRenderedComponent<StartPage> page = Render<StartPage>();
        page.WaitForAssertion(() => Assert.Contains("Waiting for the next trace", page.Markup, StringComparison.Ordinal), Patience);

        _log.Stored(SomeTraces.One("sixth"));

        page.WaitForAssertion(() => Assert.Contains("A trace has arrived", page.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void AfterMoreThanEventsTellTheCountsAreReadAgainAndTheNewestTraceIsShown()
    {
        IRenderedComponent<StartPage> page = Render<StartPage>();
        page.WaitForAssertion(() => Assert.Contains("Waiting for the first trace", page.Markup, StringComparison.Ordinal), Patience);

        _count = 6_440;
        _newest = TraceSummary.Of(SomeTraces.One("imported"));
        _log.Flood(LiveFeed.MostBehind + 1);

        page.WaitForAssertion(() => Assert.Equal("imported", page.Find(".trace").GetAttribute("data-arrived")), Patience);
        Assert.DoesNotContain("Waiting for the first trace", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void EverySnippetNamesThisServer()
    {
        IRenderedComponent<StartPage> page = Render<StartPage>();

        foreach (string language in (string[])["curl", "Python", "JavaScript"])
        {
            page.FindAll("[role=tab]").Single(tab => tab.TextContent == language).Click();
            Assert.Contains("http://localhost", page.Find("#first-snippet").TextContent, StringComparison.Ordinal);
            Assert.Equal(language, page.Find("[role=tab][aria-selected=true]").TextContent);
        }
    }

    [Fact]
    public void SampleDataIsLoadedAndRemovedByOneButton()
    {
        IRenderedComponent<StartPage> page = Render<StartPage>();
        page.WaitForAssertion(() => Assert.Contains("Waiting for the first trace", page.Markup, StringComparison.Ordinal), Patience);

        page.Find(".act button").Click();
        page.WaitForAssertion(() => Assert.Equal("Remove 72 sample traces", page.Find(".act button").TextContent), Patience);
        Assert.Equal(72, _count);

        page.Find(".act button").Click();
        page.WaitForAssertion(() => Assert.Equal("Load sample data", page.Find(".act button").TextContent), Patience);
        Assert.Equal(0, _count);
    }

    [Fact]
    public async Task AnImportSaysHowFarItIsAndWhichLinesFailed()
    {
        IRenderedComponent<FileImport> import = Render<FileImport>();
        await import.InvokeAsync(() => import.Instance.OnBegin("traces.jsonl"));
        await import.InvokeAsync(() => import.Instance.OnProgress(40));
        Assert.Equal("40", import.Find("progress").GetAttribute("value"));

        await import.InvokeAsync(() => import.Instance.OnEnd(
            new ImportResult(10, 2, 3, [new ImportError(4, "t-4", "cost: <b>"), new ImportError(9, null, "is not JSON")]), null));

        Assert.Empty(import.FindAll("progress"));
        Assert.Equal("10 imported, 2 were there already, 3 could not be imported", import.Find(".result").TextContent);
        Assert.Equal(["Line 4t-4cost: <b>", "Line 9is not JSON", "and 1 more"], import.FindAll(".errors li").Select(li => li.TextContent.Trim()));
    }

    ValueTask IAsyncLifetime.InitializeAsync() => ValueTask.CompletedTask;

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await base.DisposeAsync();
        _log.Dispose();
    }
}
