using Bunit;
using LlmEval.Core.Amending;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Web.Traces;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Traces;

public sealed class BulkBarTests : BunitContext, IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly TraceSelection _selection = new();
    private readonly List<Verdict> _given = [];
    private readonly List<string> _tagged = [];
    private readonly List<string> _undone = [];
    private readonly HashSet<string> _changedElsewhere = [];
    private TaskCompletionSource? _held;
    private TaskCompletionSource? _undoHeld;

    public BulkBarTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton<TimeProvider>(_time);
        Services.AddSingleton<JudgeTrace>(async (verdict, _) =>
        {
            if (_held is not null)
            {
                await _held.Task;
            }

            _given.Add(verdict);
            return _changedElsewhere.Contains(verdict.TraceId)
                ? new DecisionAnswer(ChangeOutcome.Moved, null, null, [])
                : new DecisionAnswer(ChangeOutcome.Applied, null, new Evaluation { TraceId = verdict.TraceId, Status = verdict.Status, Version = verdict.ExpectedVersion!.Value + 1 }, []);
        });
        Services.AddSingleton<UndoVerdict>(async (traceId, version, _) =>
        {
            if (_undoHeld is not null)
            {
                await _undoHeld.Task;
            }

            _undone.Add($"{traceId}: {version}");
            return new DecisionAnswer(_changedElsewhere.Contains(traceId) ? ChangeOutcome.Moved : ChangeOutcome.Applied, null, null, []);
        });
        Services.AddSingleton<TagTrace>((traceId, tags, _) =>
        {
            _tagged.Add($"{traceId}: {string.Join('+', tags)}");
            return Task.FromResult(new AmendAnswer(ChangeOutcome.Applied, null, []));
        });
        _selection.Add(new[] { "a", "b", "c" }.Select(id => TraceSummary.Of(SomeTraces.One(id))));
    }

    [Fact]
    public void AVerdictIsGivenToEachAtTheVersionThatWasSeen()
    {
        IRenderedComponent<BulkBar> bar = Open();
        bar.Find("[aria-label='Reason for the verdict']").Change("off topic");

        bar.Find(".reject").Click();

        bar.WaitForAssertion(() => Assert.Equal("3 rejected.", bar.Find("[role=status]").TextContent));
        Assert.Equal(["a", "b", "c"], _given.Select(v => v.TraceId));
        Assert.All(_given, v => Assert.Equal((EvaluationStatus.Rejected, "off topic", 1), (v.Status, v.Reason, v.ExpectedVersion)));
        Assert.Equal(0, _selection.Count);
    }

    [Fact]
    public void WhatSomebodyElseChangedIsSaidAndStaysSelected()
    {
        _changedElsewhere.Add("b");
        IRenderedComponent<BulkBar> bar = Open();

        bar.Find(".accept").Click();

        bar.WaitForAssertion(() => Assert.Equal(
            "2 accepted, 1 not; they stay selected: b: somebody changed it meanwhile.", bar.Find("[role=status]").TextContent));
        Assert.Equal(["b"], _selection.TraceIds);
    }

    [Fact]
    public void ARunIsTakenBackEachByItsVersionAndWhatChangedSinceIsLeft()
    {
        IRenderedComponent<BulkBar> bar = Open();
        bar.Find(".reject").Click();
        bar.WaitForAssertion(() => Assert.NotEmpty(bar.FindAll(".undo")));
        _changedElsewhere.Add("b");

        bar.Find(".undo").Click();

        bar.WaitForAssertion(() => Assert.Equal("2 taken back, 1 not: b: somebody changed it meanwhile.", bar.Find("[role=status]").TextContent));
        Assert.Equal(["a: 2", "b: 2", "c: 2"], _undone);
        Assert.Empty(bar.FindAll(".undo"));
    }

    [Fact]
    public void WhatAStoppedUndoLeavesCanStillBeTakenBack()
    {
        IRenderedComponent<BulkBar> bar = Open();
        bar.Find(".reject").Click();
        bar.WaitForAssertion(() => Assert.NotEmpty(bar.FindAll(".undo")));
        _undoHeld = new TaskCompletionSource();
        bar.Find(".undo").Click();
        bar.FindAll("button").Single(b => b.TextContent == "Stop").Click();
        _undoHeld.SetResult();
        bar.WaitForAssertion(() => Assert.NotEmpty(bar.FindAll(".undo")));
        Assert.Equal(["a: 2"], _undone);

        bar.Find(".undo").Click();

        bar.WaitForAssertion(() => Assert.Equal("2 taken back.", bar.Find("[role=status]").TextContent));
        Assert.Equal(["a: 2", "b: 2", "c: 2"], _undone);
    }

    [Fact]
    public void TagsAreNotOfferedToBeTakenBack()
    {
        IRenderedComponent<BulkBar> bar = Open();
        bar.Find("[aria-label='Tag to add']").Change("x");

        bar.Find("form.tag").Submit();

        bar.WaitForAssertion(() => Assert.Equal("3 tagged.", bar.Find("[role=status]").TextContent));
        Assert.Empty(bar.FindAll(".undo"));
    }

    [Fact]
    public void WhatChangedInSightIsJudgedAsItStandsNow()
    {
        _selection.See([TraceSummary.Of(SomeTraces.One("b")) with { Version = 3 }, TraceSummary.Of(SomeTraces.One("other"))]);
        IRenderedComponent<BulkBar> bar = Open();

        bar.Find(".accept").Click();

        bar.WaitForAssertion(() => Assert.Equal([1, 3, 1], _given.Select(v => v.ExpectedVersion!.Value)));
    }

    [Fact]
    public void WhatSomebodyJudgedMeanwhileIsNotJudgedUnseenButAsItStandsOnceThatWasSaid()
    {
        TraceSummary theirs = TraceSummary.Of(SomeTraces.One("b", status: EvaluationStatus.Rejected)) with { Version = 2 };
        _selection.See([theirs]);
        _changedElsewhere.Add("b");
        IRenderedComponent<BulkBar> bar = Open();
        bar.Find(".accept").Click();
        bar.WaitForAssertion(() => Assert.Equal(["b"], _selection.TraceIds));
        Assert.Equal([1, 1, 1], _given.Select(v => v.ExpectedVersion!.Value));

        _changedElsewhere.Clear();
        _selection.See([theirs]);
        bar.Find(".accept").Click();

        bar.WaitForAssertion(() => Assert.Equal("1 accepted.", bar.Find("[role=status]").TextContent));
        Assert.Equal(2, _given[^1].ExpectedVersion);
    }

    [Fact]
    public void AllThatMatchAreSelectedAlsoThoseThatAreNotLoadedAndNothingElse()
    {
        IRenderedComponent<BulkBar> bar = Open(gather: (_, _) => Task.FromResult<IReadOnlyList<TraceSummary>?>(Summaries("a", "b", "c", "d")));
        _selection.Add(Summaries("of another list"));

        bar.Find(".all").Click();

        Assert.Equal("4 selected", bar.Find("b").TextContent);
        Assert.Equal("These are all that matched just now.", bar.Find("[role=status]").TextContent);
        Assert.Equal(["a", "b", "c", "d"], _selection.TraceIds);
    }

    [Fact]
    public void MoreThanOneRunTakesAreSaidToBeTooMany()
    {
        IRenderedComponent<BulkBar> bar = Open(gather: (most, _) =>
            Task.FromResult<IReadOnlyList<TraceSummary>?>(Summaries([.. Enumerable.Range(0, most).Select(i => $"trace-{i}")])));

        bar.Find(".all").Click();

        Assert.Equal("1,000 selected", bar.Find("b").TextContent);
        Assert.Equal("No more than 1,000 at a time.", bar.Find("[role=status]").TextContent);
        Assert.Empty(bar.FindAll(".all"));
    }

    [Fact]
    public void WhileTheyAreGatheredNothingIsDoneToSomeOfThemAndClearingEndsIt()
    {
        var found = new TaskCompletionSource<IReadOnlyList<TraceSummary>?>();
        IRenderedComponent<BulkBar> bar = Open(gather: (_, _) => found.Task);

        bar.Find(".all").Click();
        Assert.All(bar.FindAll(".all, .accept, .reject, .tag button"), button => Assert.True(button.HasAttribute("disabled")));
        bar.FindAll("button").Single(b => b.TextContent == "Clear").Click();
        found.SetResult(Summaries("d"));

        Assert.Equal(0, _selection.Count);
    }

    [Fact]
    public void AnotherListHasOthersThatMatch()
    {
        IRenderedComponent<BulkBar> bar = Open(gather: (_, _) => Task.FromResult<IReadOnlyList<TraceSummary>?>(Summaries("d")));
        bar.Find(".all").Click();

        bar.Render(parameters => parameters.Add(b => b.Address, TracesAddress.Parse("http://localhost/traces?status=rejected")));

        Assert.Equal("", bar.Find("[role=status]").TextContent);
        Assert.NotEmpty(bar.FindAll(".all"));
    }

    [Fact]
    public void WhereAllAreLoadedTheOfferIsNotThere() => Assert.Empty(Open().FindAll(".all"));

    [Fact]
    public async Task ProgressIsToldAtMostFourTimesASecond()
    {
        int told = 0;
        using var run = new BulkRun(_time, () => told++);

        await run.RunAsync(
            [.. Enumerable.Range(0, 100).Select(i => ($"t-{i}", 1))],
            (_, _, _) =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(10));
                return Task.FromResult<string?>(null);
            },
            _ => { });

        // In this second, and at the end.
        Assert.Equal(4 + 1, told);
    }

    [Fact]
    public void ProgressIsShownAndTheRestCanBeStopped()
    {
        _held = new TaskCompletionSource();
        IRenderedComponent<BulkBar> bar = Open();
        bar.Find(".accept").Click();
        Assert.Contains("0 of 3", bar.Find(".progress").TextContent, StringComparison.Ordinal);

        bar.FindAll("button").Single(b => b.TextContent == "Stop").Click();
        _held.SetResult();

        bar.WaitForAssertion(() => Assert.Equal("1 accepted.", bar.Find("[role=status]").TextContent));
        Assert.Equal(["b", "c"], _selection.TraceIds);
    }

    [Fact]
    public void TagsAreAdded()
    {
        IRenderedComponent<BulkBar> bar = Open();
        bar.Find("[aria-label='Tag to add']").Change("x, y");

        bar.Find("form.tag").Submit();

        bar.WaitForAssertion(() => Assert.Equal("3 tagged.", bar.Find("[role=status]").TextContent));
        Assert.Equal(["a: x+y", "b: x+y", "c: x+y"], _tagged);
    }

    [Fact]
    public void TheExportNamesEverySelectedTrace()
    {
        IRenderedComponent<BulkBar> bar = Open();

        Assert.Equal(["a", "b", "c"], bar.FindAll("form.export [name=trace_id]").Select(i => i.GetAttribute("value")));
        Assert.Equal(["jsonl", "csv", "openai-chat"], bar.FindAll("form.export [name=format]").Select(b => b.GetAttribute("value")));
    }

    [Fact]
    public void ASelectionHasABound()
    {
        _selection.Add(Enumerable.Range(0, 2_000).Select(i => TraceSummary.Of(SomeTraces.One($"t{i}"))));

        Assert.Equal(TraceSelection.Most, _selection.Count);
    }

    private IRenderedComponent<BulkBar> Open(Func<int, CancellationToken, Task<IReadOnlyList<TraceSummary>?>>? gather = null) =>
        Render<BulkBar>(bar => bar.Add(b => b.Selection, _selection).Add(b => b.Gather, gather));

    private static TraceSummary[] Summaries(params string[] traceIds) => [.. traceIds.Select(id => TraceSummary.Of(SomeTraces.One(id)))];

    ValueTask IAsyncLifetime.InitializeAsync() => ValueTask.CompletedTask;

    ValueTask IAsyncDisposable.DisposeAsync() => base.DisposeAsync();
}
