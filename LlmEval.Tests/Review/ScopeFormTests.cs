using Bunit;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using LlmEval.Web.Review;

namespace LlmEval.Tests.Review;

public class ScopeFormTests
{
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
}
