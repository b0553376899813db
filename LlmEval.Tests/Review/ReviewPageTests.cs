using Bunit;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using LlmEval.Web.Live;
using LlmEval.Web.Review;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Review;

public class ReviewPageTests
{
    [Theory, EveryDatabase]
    public Task AVerdictShowsTheNextTraceAndIsSavedUnderTheReviewersName(DatabaseKind kind) => ReviewContext.RunAsync(kind, 3, async context =>
    {
        IRenderedComponent<ReviewPage> page = Open(context);
        await WaitForAsync(context, page, "t-02");
        await context.UntilAsync(() =>
        {
            Assert.Equal(["t-02", "t-01"], page.FindAll("[data-pane]").Select(p => p.GetAttribute("data-pane")));
            Assert.Contains("0 of 3", page.Find(".progress").TextContent, StringComparison.Ordinal);
        });

        page.Find(".judge .accept").Click();

        await WaitForAsync(context, page, "t-01");
        Evaluation entry = await HistoryAsync(context, "t-02");
        Assert.Equal((EvaluationStatus.Accepted, "Ann"), (entry.Status, entry.Evaluator));
        await context.UntilAsync(() => Assert.Contains("1 of 3", page.Find(".progress").TextContent, StringComparison.Ordinal));
    });

    [Theory, EveryDatabase(EvaluationStatus.Rejected), EveryDatabase(EvaluationStatus.InReview)]
    public Task ASecondLookCountsItsOwnVerdicts(DatabaseKind kind, EvaluationStatus status) => ReviewContext.RunAsync(kind, 3, async context =>
    {
        await context.Core.JudgeAsync(new Verdict("t-01", status) { Evaluator = "Bob" });
        await context.Core.JudgeAsync(new Verdict("t-02", status) { Evaluator = "Bob" });
        IRenderedComponent<ReviewPage> page = Open(context, $"review?status={status.ToWire()}");
        await WaitForAsync(context, page, "t-02");
        await context.UntilAsync(() => Assert.Equal("Queue 2", page.Find(".queue h2").TextContent.Trim()));
        Assert.Equal("0 judged here", page.Find(".progress").TextContent.Trim());

        page.Find(".judge .accept").Click();

        await WaitForAsync(context, page, "t-01");
        await context.UntilAsync(() => Assert.StartsWith("1 judged here", page.Find(".progress").TextContent.Trim(), StringComparison.Ordinal));
    });

    [Theory, EveryDatabase]
    public Task TheNoticeTakesAVerdictBackAndTheTextIsThereAgain(DatabaseKind kind) => ReviewContext.RunAsync(kind, 2, async context =>
    {
        IRenderedComponent<ReviewPage> page = Open(context);
        await WaitForAsync(context, page, "t-01");
        page.Find("[name=tag]").Change("mine");
        page.Find(".judge .accept").Click();
        await WaitForAsync(context, page, "t-00");
        await HistoryAsync(context, "t-01");

        page.Find(".offer .undo").Click();

        await WaitForAsync(context, page, "t-01");
        Assert.Equal("mine", page.Find(".judge .tag bdi").TextContent);
    });

    [Theory, EveryDatabase]
    public Task AConflictShowsBothVerdictsAndLetsChoose(DatabaseKind kind) => ReviewContext.RunAsync(kind, 2, async context =>
    {
        IRenderedComponent<ReviewPage> page = Open(context);
        await WaitForAsync(context, page, "t-01");

        // Events do not come while the browser is away: the page does not know of the other verdict.
        CircuitLink link = context.Services.GetRequiredService<CircuitLink>();
        await link.OnConnectionDownAsync(null!, CancellationToken.None);
        await context.Core.JudgeAsync(new Verdict("t-01", EvaluationStatus.Rejected) { Evaluator = "Bob", Reason = "Tone" });
        page.Find(".judge .accept").Click();
        await context.UntilAsync(() => Assert.Contains("Bob was quicker.", page.Find(".notices section").TextContent, StringComparison.Ordinal));
        Assert.Contains("Tone", page.Find(".notices section").TextContent, StringComparison.Ordinal);

        // A click goes nowhere here when the page is rendered anew at that very moment.
        await context.UntilAsync(() =>
        {
            page.FindAll(".notices .choice button").SingleOrDefault(b => b.TextContent == "Save mine: accepted")?.Click();
            Assert.Empty(page.FindAll(".notices section"));
        });
        await Eventually.TrueAsync(async () => (await context.Core.FindAsync("t-01"))!.Last?.Evaluator == "Ann");
    });

    [Theory, EveryDatabase]
    public Task AnEmptyQueueSaysSoAndFillsItself(DatabaseKind kind) => ReviewContext.RunAsync(kind, 1, async context =>
    {
        IRenderedComponent<ReviewPage> page = Open(context, "review?model_name=other");
        await context.UntilAsync(() => Assert.Contains("Nothing waits for a verdict", page.Find(".notice h2").TextContent, StringComparison.Ordinal));
        Assert.Equal("review", page.Find(".notice a").GetAttribute("href"));

        await context.Core.StoreAtAsync("new", 5, ("model_name", "\"other\""));

        await WaitForAsync(context, page, "new");
    });

    [Theory, EveryDatabase]
    public Task AnotherOrderIsAnotherAddressAndAnotherTrace(DatabaseKind kind) => ReviewContext.RunAsync(kind, 3, async context =>
    {
        IRenderedComponent<ReviewPage> page = Open(context);
        await WaitForAsync(context, page, "t-02");

        page.Find(".queue select").Change("Oldest");

        await WaitForAsync(context, page, "t-00");
        Assert.Equal("http://localhost/review?order=oldest", context.Services.GetRequiredService<NavigationManager>().Uri);
    });

    [Theory, EveryDatabase]
    public Task WhatCouldNotBeSavedIsStillThereAtAnotherQueue(DatabaseKind kind) => ReviewContext.RunAsync(kind, 3, async context =>
    {
        IRenderedComponent<ReviewPage> page = Open(context);
        await WaitForAsync(context, page, "t-02");
        CircuitLink link = context.Services.GetRequiredService<CircuitLink>();
        await link.OnConnectionDownAsync(null!, CancellationToken.None);
        await context.Core.JudgeAsync(new Verdict("t-02", EvaluationStatus.Rejected) { Evaluator = "Bob" });
        page.Find(".judge .accept").Click();
        await context.UntilAsync(() => Assert.Contains("Bob was quicker.", page.Find(".notices section").TextContent, StringComparison.Ordinal));

        page.Find(".queue select").Change("Oldest");

        await WaitForAsync(context, page, "t-00");

        // The page is still busy: between finding and clicking it must not render.
        await page.InvokeAsync(() => page.FindAll(".notices .choice button").Single(b => b.TextContent == "Save mine: accepted").Click());
        await Eventually.TrueAsync(async () => (await context.Core.FindAsync("t-02"))!.Last?.Evaluator == "Ann");
        await context.UntilAsync(() => Assert.Single(page.FindAll(".queue [data-queued=t-02]")));
    });

    [Theory, EveryDatabase]
    public Task WithThePageEndItsLeasesAndItsSubscriptions(DatabaseKind kind) => ReviewContext.RunAsync(kind, 2, async context =>
    {
        // The cache reads the log too, from some moment after the start on.
        const int Others = 1;
        EventHub hub = context.Core.Get<EventHub>();
        await Eventually.TrueAsync(() => hub.Readers == Others);
        IRenderedComponent<ReviewPage> page = Open(context);
        await WaitForAsync(context, page, "t-01");
        Assert.True(hub.Readers > Others);

        await context.DisposeComponentsAsync();

        Assert.Equal(Others, hub.Readers);
        Assert.Equal("t-01", await context.Core.Open().TakeAsync(ReviewCore.Bob));
    });

    [Theory, EveryDatabase]
    public Task ATraceThatIsJudgedAgainStandsOnceAmongTheJudged(DatabaseKind kind) => ReviewContext.RunAsync(kind, 6, async context =>
    {
        IRenderedComponent<ReviewPage> page = Open(context);
        foreach (string traceId in (string[])["t-05", "t-04", "t-03", "t-02"])
        {
            await WaitForAsync(context, page, traceId);
            await page.InvokeAsync(() => page.Find(".judge .accept").Click());
            await HistoryAsync(context, traceId);
        }

        await WaitForAsync(context, page, "t-01");
        Assert.Equal(["t-05", "t-04", "t-03", "t-02"], Judged());
        await page.InvokeAsync(() => page.Find(".queue [data-queued=t-02]").Click());
        await WaitForAsync(context, page, "t-02");

        await page.InvokeAsync(() => page.Find(".judge .reject").Click());
        await page.InvokeAsync(() => page.Find(".judge .reject").Click());

        await Eventually.TrueAsync(async () => (await context.Core.FindAsync("t-02"))!.Trace.Status == EvaluationStatus.Rejected);
        await WaitForAsync(context, page, "t-01");
        await context.UntilAsync(() => Assert.Equal(["t-05", "t-04", "t-03", "t-02"], Judged()));

        string?[] Judged() => [.. page.FindAll(".queue .entry.accepted, .queue .entry.rejected").Select(entry => entry.GetAttribute("data-queued"))];
    });

    [Theory, EveryDatabase]
    public Task NoIdOfATraceTakesThePlaceOfAnother(DatabaseKind kind) => ReviewContext.RunAsync(kind, 0, async context =>
    {
        await context.Core.StoreAtAsync("judged t", 0);
        await context.Core.StoreAtAsync("t", 1);
        IRenderedComponent<ReviewPage> page = Open(context);
        await WaitForAsync(context, page, "t");
        await context.UntilAsync(() => Assert.Single(page.FindAll(".queue [data-queued='judged t']")));

        await page.InvokeAsync(() => page.Find(".judge .accept").Click());

        await WaitForAsync(context, page, "judged t");
        Assert.Equal("t", Assert.Single(page.FindAll(".queue .done")).GetAttribute("data-queued"));
    });

    [Theory, EveryDatabase]
    public Task InASecondLookOnlyWhatWasJudgedHereLooksDone(DatabaseKind kind) => ReviewContext.RunAsync(kind, 2, async context =>
    {
        await context.Core.JudgeAsync(new Verdict("t-01", EvaluationStatus.Rejected) { Evaluator = "Bob" });
        await context.Core.JudgeAsync(new Verdict("t-00", EvaluationStatus.Rejected) { Evaluator = "Bob" });
        IRenderedComponent<ReviewPage> page = Open(context, "review?status=rejected");
        await WaitForAsync(context, page, "t-01");
        await context.UntilAsync(() => Assert.Equal(2, page.FindAll(".queue .entry.rejected").Count));
        Assert.Empty(page.FindAll(".queue .done"));

        await page.InvokeAsync(() => page.Find(".judge .accept").Click());

        await WaitForAsync(context, page, "t-00");
        Assert.Equal("t-01", Assert.Single(page.FindAll(".queue .done")).GetAttribute("data-queued"));
    });

    private static IRenderedComponent<ReviewPage> Open(ReviewContext context, string address = "review")
    {
        context.Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        return context.Render<ReviewPage>();
    }

    private static Task WaitForAsync(ReviewContext context, IRenderedComponent<ReviewPage> page, string traceId) => context.UntilAsync(() =>
    {
        Assert.Equal(traceId, page.Find(".review").GetAttribute("data-current"));
        Assert.Equal(traceId, page.Find("form.judge").GetAttribute("data-trace"));
    });

    /// <summary>The page saves behind the next trace: what was said may be stored a moment later.</summary>
    private static async Task<Evaluation> HistoryAsync(ReviewContext context, string traceId)
    {
        Evaluation? last = null;
        await Eventually.TrueAsync(async () => (last = (await context.Core.FindAsync(traceId))?.Last) is not null);
        return last!;
    }
}
