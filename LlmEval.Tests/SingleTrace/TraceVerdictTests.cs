using Bunit;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Tests.Review;
using LlmEval.Tests.Support;
using LlmEval.Web.Review;
using LlmEval.Web.SingleTrace;

namespace LlmEval.Tests.SingleTrace;

public class TraceVerdictTests
{
    [Theory, EveryDatabase]
    public Task AVerdictIsSavedWithAKeyOfItsReasonAndLeavesAnEmptyPanel(DatabaseKind kind) => ReviewContext.RunAsync(kind, 1, async context =>
    {
        IRenderedComponent<TraceVerdict> panel = await OpenAsync(context);
        panel.Find("[name=tag]").Change("seen");

        panel.Find(".reject").Click();
        panel.Find("[aria-keyshortcuts='1']").Click();

        await context.UntilAsync(() => Assert.Empty(panel.FindAll(".judge li.tag")));
        Evaluation entry = (await context.Core.FindAsync("t-00"))!.Last!;
        Assert.Equal((EvaluationStatus.Rejected, "Made-up fact", "Ann"), (entry.Status, entry.Reason, entry.Evaluator));
        Assert.Equal(["seen"], entry.Tags!);
        Assert.Contains(context.PanelCalls, call => call.Identifier == "forget");
    });

    [Theory, EveryDatabase]
    public Task AVerdictThatComesWhileTheOneBeforeIsSavedIsNotTakenAndThePageSaysSo(DatabaseKind kind) => ReviewContext.RunAsync(kind, 1, async context =>
    {
        IRenderedComponent<TraceVerdict> panel = await OpenAsync(context);
        await using (await HeldWrites.BeginAsync(context.Core.Services))
        {
            _ = panel.Find(".accept").ClickAsync(new());
            await context.UntilAsync(() => panel.Find(".offer"));

            _ = panel.Find(".accept").ClickAsync(new());

            await context.UntilAsync(() => Assert.Contains("still being saved", panel.Find(".notices .line").TextContent, StringComparison.Ordinal));
        }

        await context.UntilAsync(() => Assert.DoesNotContain("still being saved", panel.Markup, StringComparison.Ordinal));
        await context.UntilAsync(() => panel.Find(".earlier"));
        Assert.Single((await context.Core.FindAsync("t-00"))!.History);
    });

    [Theory, EveryDatabase]
    public Task WhoComesSecondSeesTheCurrentStateAndChooses(DatabaseKind kind) => ReviewContext.RunAsync(kind, 1, async context =>
    {
        IRenderedComponent<TraceVerdict> panel = await OpenAsync(context);
        panel.Find("[name=tag]").Change("mine");
        await context.Core.JudgeAsync(new Verdict("t-00", EvaluationStatus.Rejected) { Evaluator = "Bob" });

        panel.Find(".accept").Click();

        await context.UntilAsync(() => Assert.Contains("Bob was quicker.", panel.Find(".notices section").TextContent, StringComparison.Ordinal));
        Assert.Equal("mine", panel.Find(".judge .tag bdi").TextContent);
        panel.Find(".notices .primary").Click();
        await context.UntilAsync(() => Assert.Empty(panel.FindAll(".notices section")));
        await Eventually.TrueAsync(async () => (await context.Core.FindAsync("t-00"))!.Last?.Evaluator == "Ann");
    });

    [Theory, EveryDatabase]
    public Task AVerdictThatCameWhileATextWasOnItsWayIsNotOverridden(DatabaseKind kind) => ReviewContext.RunAsync(kind, 1, async context =>
    {
        IRenderedComponent<TraceVerdict> panel = await OpenAsync(context);
        Action<string> typed = context.TypesSlowly();
        JudgePanel judge = panel.FindComponent<JudgePanel>().Instance;
        await panel.InvokeAsync(() => judge.OnTyped(ideal: false, tags: []));
        _ = panel.Find(".accept").ClickAsync(new());
        await context.Core.JudgeAsync(new Verdict("t-00", EvaluationStatus.Rejected) { Evaluator = "Bob" });
        TraceDetail theirs = (await context.Core.FindAsync("t-00"))!;
        panel.Render(again => again.Add(x => x.Detail, theirs));

        typed("mine");

        await context.UntilAsync(() => Assert.Contains("Bob was quicker.", panel.Find(".notices section").TextContent, StringComparison.Ordinal));
        Assert.Equal("Bob", Assert.Single((await context.Core.FindAsync("t-00"))!.History).Evaluator);
    });

    [Theory, EveryDatabase]
    public Task AVerdictIsTakenBackAndItsTextIsThereAgain(DatabaseKind kind) => ReviewContext.RunAsync(kind, 1, async context =>
    {
        IRenderedComponent<TraceVerdict> panel = await OpenAsync(context);
        panel.Find("[name=tag]").Change("mine");
        panel.Find(".accept").Click();
        await context.UntilAsync(() => panel.Find(".earlier"));

        panel.Find(".offer .undo").Click();

        await context.UntilAsync(() => Assert.Equal("mine", panel.Find(".judge .tag bdi").TextContent));
        Assert.Equal([EvaluationStatus.Accepted, EvaluationStatus.Pending], (await context.Core.FindAsync("t-00"))!.History.Select(e => e.Status));
        Assert.Empty(panel.FindAll(".offer"));
    });

    [Theory, EveryDatabase]
    public Task AVerdictThatOthersChangedIsNotTakenBackAndThePageSaysWhy(DatabaseKind kind) => ReviewContext.RunAsync(kind, 1, async context =>
    {
        IRenderedComponent<TraceVerdict> panel = await OpenAsync(context);
        panel.Find("[name=tag]").Change("mine");
        panel.Find(".accept").Click();
        await context.UntilAsync(() => panel.Find(".earlier"));
        await context.Core.JudgeAsync(new Verdict("t-00", EvaluationStatus.Rejected) { Evaluator = "Bob", Reason = "Tone" });

        panel.Find(".offer .undo").Click();

        await context.UntilAsync(() => Assert.Contains("Not taken back", panel.Find(".notices .line").TextContent, StringComparison.Ordinal));
        Assert.Contains("Bob has just said: rejected, Tone.", panel.Find(".notices .line").TextContent, StringComparison.Ordinal);
        Assert.Empty(panel.FindAll(".judge li.tag"));
    });

    [Theory, EveryDatabase]
    public Task WhatWasSaidOfADeletedTraceIsNotLost(DatabaseKind kind) => ReviewContext.RunAsync(kind, 1, async context =>
    {
        IRenderedComponent<TraceVerdict> panel = await OpenAsync(context);
        panel.Find("[name=tag]").Change("mine");
        await context.Core.DeleteAsync("t-00");

        panel.Find(".accept").Click();

        await context.UntilAsync(() => Assert.Contains("deleted meanwhile", panel.Find(".notices section").TextContent, StringComparison.Ordinal));
        Assert.Equal("mine", panel.Find(".judge .tag bdi").TextContent);
    });

    [Theory, EveryDatabase]
    public Task WhatWasTakenBackOfOneTraceIsNotSaidOfTheNext(DatabaseKind kind) => ReviewContext.RunAsync(kind, 2, async context =>
    {
        IRenderedComponent<TraceVerdict> panel = await OpenAsync(context);
        panel.Find("[name=tag]").Change("mine");
        panel.Find(".accept").Click();
        await context.UntilAsync(() => panel.Find(".earlier"));
        panel.Find(".offer .undo").Click();
        await context.UntilAsync(() => panel.Find(".judge .tag bdi"));
        TraceDetail next = (await context.Core.FindAsync("t-01"))!;

        panel.Render(again => again.Add(x => x.Detail, next));

        await context.UntilAsync(() => Assert.Equal("t-01", panel.Find("form.judge").GetAttribute("data-trace")));
        Assert.Empty(panel.FindAll(".judge li.tag"));
    });

    private static async Task<IRenderedComponent<TraceVerdict>> OpenAsync(ReviewContext context)
    {
        IRenderedComponent<TraceVerdict> panel = null!;
        TraceDetail shown = (await context.Core.FindAsync("t-00"))!;
        panel = context.Render<TraceVerdict>(p => p
            .Add(x => x.Detail, shown)
            .Add(x => x.Changed, async () =>
            {
                await Task.Yield();
                TraceDetail now = (await context.Core.FindAsync("t-00"))!;
                panel.Render(again => again.Add(x => x.Detail, now));
            }));
        await context.UntilAsync(() => panel.Find("form.judge"));
        return panel;
    }
}
