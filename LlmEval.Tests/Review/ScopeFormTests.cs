using Bunit;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using LlmEval.Web.Review;

namespace LlmEval.Tests.Review;

public class ScopeFormTests
{
    [Theory, EveryDatabase]
    public Task WhatIsNotChangedStaysAsTheListHandedItOver(DatabaseKind kind) => ReviewContext.RunAsync(kind, 0, async context =>
    {
        TraceFilter filter = TraceFilter.Everything with
        {
            Statuses = [EvaluationStatus.Pending, EvaluationStatus.InReview],
            ModelNames = ["a", "b"],
        };
        ReviewScope? chosen = null;
        IRenderedComponent<ScopeForm> form = context.Render<ScopeForm>(f => f
            .Add(p => p.Scope, new ReviewScope(filter, ReviewOrder.Newest))
            .Add(p => p.ModelNames, ["a", "b", "c"])
            .Add(p => p.Chosen, scope => chosen = scope));

        await form.FindAll("select")[0].ChangeAsync(new() { Value = "Oldest" });
        await form.Find("form").SubmitAsync();

        Assert.Equal(ReviewOrder.Oldest, chosen!.Order);
        Assert.Equal(filter.Statuses, chosen.Filter.Statuses);
        Assert.Equal(filter.ModelNames, chosen.Filter.ModelNames);

        await form.FindAll("select")[1].ChangeAsync(new() { Value = "Rejected" });
        await form.FindAll("select")[2].ChangeAsync(new() { Value = "c" });
        await form.Find("form").SubmitAsync();

        Assert.Equal([EvaluationStatus.Rejected], chosen.Filter.Statuses);
        Assert.Equal(["c"], chosen.Filter.ModelNames);
    });

    [Theory, EveryDatabase]
    public Task WhatTheListHandedOverIsShownAndCanBeTakenOff(DatabaseKind kind) => ReviewContext.RunAsync(kind, 0, async context =>
    {
        TraceFilter filter = TraceFilter.Everything with
        {
            SessionId = "s-1",
            Environment = "production",
            Metadata = [new("region", "eu")],
        };
        ReviewScope? chosen = null;
        IRenderedComponent<ScopeForm> form = context.Render<ScopeForm>(f => f
            .Add(p => p.Scope, new ReviewScope(filter, ReviewOrder.Newest))
            .Add(p => p.Chosen, scope => chosen = scope));
        Assert.Equal(["Session: s-1", "Environment: production", "region: eu"], form.FindAll(".check bdi").Select(b => b.TextContent));

        await form.FindAll(".check").Single(c => c.TextContent.Contains("Session", StringComparison.Ordinal)).QuerySelector("input")!.ChangeAsync(new() { Value = false });
        await form.Find("form").SubmitAsync();

        Assert.Equal((null, "production", "eu"), (chosen!.Filter.SessionId, chosen.Filter.Environment, Assert.Single(chosen.Filter.Metadata).Value));
    });

    [Theory, EveryDatabase]
    public Task ANumberThatIsTypedChoosesItsSample(DatabaseKind kind) => ReviewContext.RunAsync(kind, 0, async context =>
    {
        ReviewScope? chosen = null;
        IRenderedComponent<ScopeForm> form = context.Render<ScopeForm>(f => f
            .Add(p => p.Scope, new ReviewScope(TraceFilter.Everything, ReviewOrder.Newest))
            .Add(p => p.Chosen, scope => chosen = scope));

        await form.Find("[aria-label='Number of traces']").ChangeAsync(new() { Value = "20" });
        await form.Find("form").SubmitAsync();
        Assert.Equal((20, null), (chosen!.Size, chosen.Filter.Share));

        await form.Find("[aria-label='Percent of traces']").ChangeAsync(new() { Value = "5" });
        await form.Find("form").SubmitAsync();
        Assert.Equal((null, .05), (chosen.Size, chosen.Filter.Share));
    });

    [Theory, EveryDatabase]
    public Task AShareThatIsNoWholeNumberStays(DatabaseKind kind) => ReviewContext.RunAsync(kind, 0, async context =>
    {
        ReviewScope? chosen = null;
        IRenderedComponent<ScopeForm> form = context.Render<ScopeForm>(f => f
            .Add(p => p.Scope, ReviewAddress.Parse("review?share=1.5"))
            .Add(p => p.Chosen, scope => chosen = scope));

        await form.Find("form").SubmitAsync();

        Assert.Equal("review?share=1.5", ReviewAddress.Of(chosen!));
        Assert.Equal("review?share=7", ReviewAddress.Of(ReviewAddress.Parse("review?share=7")));
    });

    [Theory, EveryDatabase]
    public Task ASampleOfWhatIsThereNowKeepsAnEndThatTheReaderChose(DatabaseKind kind) => ReviewContext.RunAsync(kind, 0, async context =>
    {
        TraceFilter filter = TraceFilter.Everything with { To = SomeTrace.Now.AddDays(-1) };
        ReviewScope? chosen = null;
        IRenderedComponent<ScopeForm> form = context.Render<ScopeForm>(f => f
            .Add(p => p.Scope, new ReviewScope(filter, ReviewOrder.Newest))
            .Add(p => p.Chosen, scope => chosen = scope));

        await form.FindAll("[name=sample]")[1].ChangeAsync(new() { Value = "on" });
        await form.Find("form").SubmitAsync();

        Assert.Equal((50, filter.To), (chosen!.Size, chosen.Filter.To));
    });
}
