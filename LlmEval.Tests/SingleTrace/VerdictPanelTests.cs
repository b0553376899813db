using System.Text.Json;
using Bunit;
using LlmEval.Core.Amending;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Tests.Traces;
using LlmEval.Web.SingleTrace;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.JSInterop;
using MudBlazor.Services;

namespace LlmEval.Tests.SingleTrace;

public sealed class VerdictPanelTests : BunitContext, IAsyncLifetime
{
    private readonly List<Verdict> _given = [];
    private readonly BunitJSModuleInterop _module;
    private ChangeOutcome _outcome = ChangeOutcome.Applied;

    public VerdictPanelTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        _module = JSInterop.SetupModule("./SingleTrace/VerdictPanel.razor.js");
        _module.SetupVoid("clear", _ => true).SetVoidResult();
        Type("", "", "");
        Services.AddMudServices();
        Services.AddSingleton<JudgeTrace>((verdict, _) =>
        {
            _given.Add(verdict);
            return Task.FromResult(new DecisionAnswer(_outcome, null, null, _outcome == ChangeOutcome.Refused ? ["notes: must be shorter"] : []));
        });
    }

    [Fact]
    public void AVerdictTakesWhatWasTypedAndTheVersionThatIsShown()
    {
        string notes = new('n', 1 << 20);
        Type(" wrong fact ", notes, "a, b,, a");
        IRenderedComponent<VerdictPanel> panel = Open();

        panel.Find(".reject").Click();

        panel.WaitForAssertion(() => Assert.Contains("Saved", panel.Find("[role=status]").TextContent, StringComparison.Ordinal));
        Verdict verdict = Assert.Single(_given);
        Assert.Equal(("a", EvaluationStatus.Rejected, "wrong fact", notes, 1), (verdict.TraceId, verdict.Status, verdict.Reason, verdict.Notes, verdict.ExpectedVersion));
        Assert.Equal(["a", "b"], verdict.Tags!);
        _module.VerifyInvoke("clear");
    }

    [Fact]
    public void WhoComesSecondSeesTheCurrentStateAndChooses()
    {
        bool outdated = false;
        Type("mine", "", "");
        _outcome = ChangeOutcome.Moved;
        IRenderedComponent<VerdictPanel> panel = Open(() => outdated = true);

        panel.Find(".accept").Click();
        panel.WaitForElement(".conflict");
        Assert.True(outdated);
        panel.Render(p => p.Add(x => x.Detail, Detail(EvaluationStatus.Rejected, version: 2, by: "kim")));
        Assert.Contains("Rejected by kim", panel.Find(".conflict").TextContent, StringComparison.Ordinal);
        _module.VerifyNotInvoke("clear");

        _outcome = ChangeOutcome.Applied;
        panel.Find(".conflict .primary").Click();
        panel.WaitForAssertion(() => Assert.Empty(panel.FindAll(".conflict")));
        Assert.Equal((EvaluationStatus.Accepted, "mine", 2), (_given[1].Status, _given[1].Reason, _given[1].ExpectedVersion));
    }

    [Fact]
    public void LeavingTheOtherVerdictSavesNothing()
    {
        _outcome = ChangeOutcome.Moved;
        IRenderedComponent<VerdictPanel> panel = Open();
        panel.Find(".accept").Click();

        panel.WaitForElement(".conflict");
        panel.FindAll(".conflict button")[1].Click();

        Assert.Empty(panel.FindAll(".conflict"));
        Assert.Single(_given);
        _module.VerifyNotInvoke("clear");
    }

    [Theory]
    [InlineData(ChangeOutcome.Refused, "notes: must be shorter")]
    [InlineData(ChangeOutcome.NotFound, "deleted")]
    public void WhatWentWrongIsSaidAndTheTextKept(ChangeOutcome outcome, string said)
    {
        _outcome = outcome;
        IRenderedComponent<VerdictPanel> panel = Open();

        panel.Find(".accept").Click();

        Assert.Contains(said, panel.WaitForElement(".fault").TextContent, StringComparison.Ordinal);
        _module.VerifyNotInvoke("clear");
    }

    [Fact]
    public void AVerdictIsTakenBackByANewOne()
    {
        IRenderedComponent<VerdictPanel> panel = Open();
        Assert.Empty(panel.FindAll(".back"));
        panel.Render(p => p.Add(x => x.Detail, Detail(EvaluationStatus.Accepted, version: 2)));
        Assert.Equal("true", panel.Find(".accept").GetAttribute("aria-pressed"));

        panel.Find(".back").Click();

        panel.WaitForAssertion(() => Assert.Equal((EvaluationStatus.Pending, 2), (_given.Single().Status, _given.Single().ExpectedVersion)));
    }

    private IRenderedComponent<VerdictPanel> Open(Action? outdated = null) => Render<VerdictPanel>(panel => panel
        .Add(p => p.Detail, Detail(EvaluationStatus.Pending, version: 1))
        .Add(p => p.Outdated, outdated ?? (() => { })));

    private void Type(string reason, string notes, string tags) =>
        _module.Setup<IJSStreamReference>("typed", _ => true).SetResult(new TypedText(JsonSerializer.SerializeToUtf8Bytes(new { reason, notes, tags })));

    private static TraceDetail Detail(EvaluationStatus status, int version, string? by = null)
    {
        Trace trace = SomeTraces.One("a", status: status);
        trace.Version = version;
        return new TraceDetail(trace, by is null ? [] : [new Evaluation { TraceId = "a", Status = status, Evaluator = by }]);
    }

    ValueTask IAsyncLifetime.InitializeAsync() => ValueTask.CompletedTask;

    ValueTask IAsyncDisposable.DisposeAsync() => base.DisposeAsync();

    private sealed class TypedText(byte[] json) : IJSStreamReference
    {
        public long Length => json.Length;

        public ValueTask<Stream> OpenReadStreamAsync(long maxAllowedSize = 512_000, CancellationToken cancellationToken = default)
        {
            Assert.True(maxAllowedSize >= json.Length);
            return ValueTask.FromResult<Stream>(new MemoryStream(json));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
