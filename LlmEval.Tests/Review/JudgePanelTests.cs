using AngleSharp.Dom;
using Bunit;
using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using LlmEval.Tests.Traces;
using LlmEval.Web.Review;

namespace LlmEval.Tests.Review;

public class JudgePanelTests
{
    private readonly List<Judgement> _given = [];
    private readonly List<TraceDetail> _seen = [];

    [Fact]
    public Task AcceptIsOneKeyAndAsksTheBrowserNothing() => RunAsync(context =>
    {
        IRenderedComponent<JudgePanel> panel = Open(context);

        panel.Find(".accept").Click();

        Assert.Equal(new Judgement("a", EvaluationStatus.Accepted).ToString(), (Assert.Single(_given) with { Tags = [] }).ToString());
        Assert.DoesNotContain(context.PanelCalls, call => call.Identifier == "typed");
    });

    [Fact]
    public Task RejectAsksWhyAndAReasonHasAKey() => RunAsync(context =>
    {
        IRenderedComponent<JudgePanel> panel = Open(context);
        Assert.Empty(panel.FindAll(".confirm"));

        panel.Find(".reject").Click();
        Assert.NotEmpty(panel.FindAll(".confirm"));
        Assert.Empty(_given);

        IElement second = panel.Find(".reasons [aria-keyshortcuts='2']");
        second.Click();
        Assert.Equal((EvaluationStatus.Rejected, "Wrong answer"), (_given[0].Status, _given[0].Reason));
        Assert.Empty(panel.FindAll(".confirm"));
    });

    [Fact]
    public Task AReasonHasItsKeyOnlyAfterReject() => RunAsync(context =>
    {
        IRenderedComponent<JudgePanel> panel = Open(context);
        Assert.NotEmpty(panel.FindAll(".chip"));
        Assert.All(panel.FindAll(".chip"), chip => Assert.Equal("r", chip.GetAttribute("data-keys-after")));
        Assert.Null(panel.Find("form").GetAttribute("data-keys-armed"));

        panel.Find(".reject").Click();

        Assert.Equal("r", panel.Find("form").GetAttribute("data-keys-armed"));
    });

    [Fact]
    public Task WhileAVerdictIsTakenTheNextKeyRejectsNothing() => RunAsync(async context =>
    {
        var taken = new TaskCompletionSource();
        IRenderedComponent<JudgePanel> panel = Open(context, judged: () => taken.Task);
        panel.Find(".reject").Click();

        Task rejecting = panel.Find(".reject").ClickAsync(new());

        Assert.Single(_given);
        panel.WaitForAssertion(() => Assert.Empty(panel.FindAll(".confirm")));
        taken.SetResult();
        await rejecting;
    });

    [Fact]
    public Task RejectTwiceIsWithoutAReasonAndEscapeIsNot() => RunAsync(context =>
    {
        IRenderedComponent<JudgePanel> panel = Open(context);
        panel.Find(".reject").Click();
        panel.Find(".confirm [aria-keyshortcuts=Escape]").Click();
        Assert.Empty(_given);

        panel.Find(".reject").Click();
        panel.Find(".reject").Click();
        Assert.Equal((EvaluationStatus.Rejected, null), (Assert.Single(_given).Status, _given[0].Reason));
    });

    [Fact]
    public Task WhatWasTypedIsTakenOfAnyLength() => RunAsync(async context =>
    {
        string notes = new('é', 1 << 19);
        context.Typed(" wrong fact ", notes);
        IRenderedComponent<JudgePanel> panel = Open(context);
        await panel.InvokeAsync(() => panel.Instance.OnTyped(ideal: false, tags: []));

        await panel.Find("form").SubmitAsync();

        Judgement given = Assert.Single(_given);
        Assert.Equal((EvaluationStatus.Rejected, "wrong fact", notes), (given.Status, given.Reason, given.Notes));
    });

    [Fact]
    public Task WhatComesWhileTheFieldsAreReadIsNotWhatIsJudged() => RunAsync(async context =>
    {
        Action<string> typed = context.TypesSlowly();
        IRenderedComponent<JudgePanel> panel = Open(context);
        await panel.InvokeAsync(() => panel.Instance.OnTyped(ideal: false, tags: []));
        TraceDetail seen = panel.Instance.Detail;

        Task judging = panel.Find(".accept").ClickAsync(new());
        panel.Render(again => again.Add(p => p.Detail, new TraceDetail(SomeTraces.One("a", status: EvaluationStatus.Rejected), [])));
        typed("why");
        await judging;

        Assert.Equal("why", Assert.Single(_given).Notes);
        Assert.Same(seen, Assert.Single(_seen));
    });

    [Fact]
    public Task ASkipNamesTheTraceThatWasSeen() => RunAsync(context =>
    {
        string? skipped = null;
        IRenderedComponent<JudgePanel> panel = Open(context);
        panel.Render(again => again.Add(p => p.Skipped, traceId => skipped = traceId));

        panel.Find(".pass").Click();

        Assert.Equal("a", skipped);
    });

    [Fact]
    public Task AnAcceptedTraceNeedsNoReason() => RunAsync(async context =>
    {
        context.Typed("typed and thought better of", "n");
        IRenderedComponent<JudgePanel> panel = Open(context);
        await panel.InvokeAsync(() => panel.Instance.OnTyped(ideal: false, tags: []));

        await panel.Find(".accept").ClickAsync(new());

        Assert.Equal((null, "n"), (Assert.Single(_given).Reason, _given[0].Notes));
    });

    [Fact]
    public Task TagsAreAddedOnceAndTakenOff() => RunAsync(context =>
    {
        IRenderedComponent<JudgePanel> panel = Open(context);
        foreach (string tag in (string[])["one", " one ", "two", "  "])
        {
            panel.Find("[name=tag]").Change(tag);
        }

        Assert.Equal(["one", "two"], panel.FindAll(".tag bdi").Select(t => t.TextContent));
        panel.Find("[aria-label='Take off the tag one']").Click();
        panel.Find(".accept").Click();

        Assert.Equal(["two"], Assert.Single(_given).Tags);
    });

    [Fact]
    public Task AnIdealAnswerIsGivenOnlyWhenItDiffers() => RunAsync(async context =>
    {
        var editing = new List<bool>();
        IRenderedComponent<JudgePanel> panel = Open(context, editing: editing.Add, answer: "one\r\ntwo");
        panel.Find("button[aria-keyshortcuts=e]").Click();
        Assert.Equal("one\ntwo", panel.Find("[name=ideal]").GetAttribute("value"));
        Assert.Equal([true], editing);
        await panel.InvokeAsync(() => panel.Instance.OnTyped(ideal: false, tags: []));

        context.Typed(ideal: "one\r\ntwo");
        await panel.Find(".accept").ClickAsync(new());
        context.Typed(ideal: "one\r\nthree");
        await panel.Find(".accept").ClickAsync(new());

        Assert.Equal([null, "one\nthree"], _given.Select(g => g.CorrectedResponse));
    });

    [Fact]
    public Task WhatWasTakenBackIsThereAgain() => RunAsync(context =>
    {
        var draft = new Judgement("a", EvaluationStatus.Rejected) { Reason = "Tone", Notes = "why", Tags = ["x"], CorrectedResponse = "better" };
        IRenderedComponent<JudgePanel> panel = Open(context, draft: draft);

        Assert.Equal("Tone", panel.Find("[name=reason]").GetAttribute("value"));
        Assert.Equal("why", panel.Find("[name=notes]").GetAttribute("value"));
        Assert.Equal("better", panel.Find("[name=ideal]").GetAttribute("value"));
        Assert.Equal("x", panel.Find(".tag bdi").TextContent);
    });

    [Fact]
    public Task AReasonThatIsOfferedIsMarkedWhenItsVerdictWasTakenBack() => RunAsync(context =>
    {
        var draft = new Judgement("a", EvaluationStatus.Rejected) { Reason = "Wrong answer" };
        IRenderedComponent<JudgePanel> panel = Open(context, draft: draft);

        Assert.Equal("Wrong answer", panel.Find(".chip[aria-pressed=true] bdi").TextContent);
        Assert.Null(panel.Find("[name=reason]").GetAttribute("value"));

        panel.Find(".reject").Click();
        panel.Find(".reject").Click();
        Assert.Equal("Wrong answer", Assert.Single(_given).Reason);
    });

    [Fact]
    public Task WhatIsAskedAfterRejectIsBroughtIntoSight() => RunAsync(context =>
    {
        IRenderedComponent<JudgePanel> panel = Open(context);

        panel.Find(".reject").Click();

        panel.WaitForAssertion(() => Assert.Contains(context.PanelCalls, call => call.Identifier == "rejecting"));
    });

    [Fact]
    public Task AJudgedTraceShowsItsHistoryAndCanBeTakenBack() => RunAsync(context =>
    {
        int? undone = null;
        IRenderedComponent<JudgePanel> panel = Open(context, EvaluationStatus.Accepted, undone: version => undone = version);
        Assert.Equal("true", panel.Find(".accept").GetAttribute("aria-pressed"));
        Assert.Contains("Accepted by kim", panel.Find(".earlier").TextContent, StringComparison.Ordinal);

        panel.FindAll(".earlier > .link").Single(b => b.TextContent == "Take back: accepted").Click();

        Assert.Equal(2, undone);
    });

    private static Task RunAsync(Action<ReviewContext> test) => RunAsync(context =>
    {
        test(context);
        return Task.CompletedTask;
    });

    private static Task RunAsync(Func<ReviewContext, Task> test) => ReviewContext.RunAsync(DatabaseKind.Sqlite, 0, test);

    private IRenderedComponent<JudgePanel> Open(
        ReviewContext context,
        EvaluationStatus status = EvaluationStatus.Pending,
        Judgement? draft = null,
        Action<int>? undone = null,
        Action<bool>? editing = null,
        string answer = "Answer to a",
        Func<Task>? judged = null)
    {
        Trace trace = SomeTraces.One("a", status: status);
        trace.AiResponse = answer;
        Evaluation[] history = status == EvaluationStatus.Pending ? [] : [new() { TraceId = "a", Status = status, Evaluator = "kim", Version = 2 }];
        return context.Render<JudgePanel>(panel => panel
            .Add(p => p.Detail, new TraceDetail(trace, history))
            .Add(p => p.Vocabulary, ReviewVocabulary.Default(Projects.Default))
            .Add(p => p.Draft, draft)
            .Add(p => p.Judged, given =>
            {
                _given.Add(given.Mine);
                _seen.Add(given.Seen);
                return judged?.Invoke() ?? Task.CompletedTask;
            })
            .Add(p => p.Undone, undone ?? (_ => { }))
            .Add(p => p.EditingChanged, editing ?? (_ => { })));
    }
}
