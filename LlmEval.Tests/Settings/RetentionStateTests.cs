using LlmEval.Core.Retention;
using LlmEval.Tests.Support;
using LlmEval.Web.Settings;

namespace LlmEval.Tests.Settings;

public class RetentionStateTests
{
    private readonly RetentionState _state;
    private RetentionPolicy _stored = new() { MaxDays = 30 };
    private bool _away;
    private Task _held = Task.CompletedTask;

    public RetentionStateTests() => _state = new RetentionState(new RetentionReads(
        1,
        _ => Task.FromResult(_stored),
        async (policy, _) =>
        {
            await _held;
            return _away
                ? throw new TimeoutException()
                : new RetentionPreview(100, policy.MaxTraces is { } most ? 100 - most : 0, SomeTrace.Now, SomeTrace.Now);
        },
        async (policy, before, _) =>
        {
            await _held;
            if ((before.MaxDays, before.MaxTraces) != (_stored.MaxDays, _stored.MaxTraces))
            {
                return false;
            }

            _stored = policy;
            return true;
        }));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatHoldsIsShownAndOnlyAChangeCanBeSaved()
    {
        await _state.LoadAsync(Cancel);
        Assert.Equal(("30", "", false), (_state.Days, _state.Traces, _state.CanSave));

        _state.Traces = "60";
        await _state.PreviewAsync(Cancel);
        Assert.Equal(40, _state.Preview!.Going);
        Assert.True(_state.CanSave);

        await _state.SaveAsync(Cancel);
        Assert.Equal((30, 60), (_stored.MaxDays, _stored.MaxTraces));
        Assert.False(_state.CanSave);
        Assert.Contains("within ten minutes", _state.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsTypedAfterThePreviewIsNotSavedByIt()
    {
        await _state.LoadAsync(Cancel);
        _state.Traces = "6";
        await _state.PreviewAsync(Cancel);
        _state.Traces = "60";
        _state.Retype();

        await _state.SaveAsync(Cancel);

        Assert.False(_state.CanSave);
        Assert.Null(_state.Preview);
        Assert.Null(_stored.MaxTraces);
    }

    [Fact]
    public async Task APreviewThatComesLateIsOfNothingThatIsTypedNow()
    {
        await _state.LoadAsync(Cancel);
        var slow = new TaskCompletionSource();
        _held = slow.Task;
        _state.Traces = "6";
        Task late = _state.PreviewAsync(Cancel);
        _held = Task.CompletedTask;
        _state.Traces = "60";
        await _state.PreviewAsync(Cancel);

        slow.SetResult();
        await late;
        await _state.SaveAsync(Cancel);

        Assert.Equal(60, _stored.MaxTraces);
    }

    [Fact]
    public async Task TypingOnWhileItIsSavedSavesWhatWasAskedFor()
    {
        await _state.LoadAsync(Cancel);
        _state.Traces = "6";
        await _state.PreviewAsync(Cancel);
        var slow = new TaskCompletionSource();
        _held = slow.Task;
        Task saving = _state.SaveAsync(Cancel);
        _state.Traces = "60";
        _state.Retype();

        slow.SetResult();
        await saving;

        Assert.Equal((6L, true), (_stored.MaxTraces, _state.Loaded));
        Assert.StartsWith("Saved.", _state.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", "")]
    [InlineData("-1", "")]
    [InlineData("1.5", "")]
    [InlineData("99999999999999999999", "")]
    [InlineData("", "many")]
    public async Task WhatIsNoNumberIsSaidAndNotSaved(string days, string traces)
    {
        await _state.LoadAsync(Cancel);
        (_state.Days, _state.Traces) = (days, traces);
        await _state.PreviewAsync(Cancel);
        await _state.SaveAsync(Cancel);

        Assert.Contains("has to be between 1 and", Assert.Single(_state.Faults), StringComparison.Ordinal);
        Assert.False(_state.CanSave);
        Assert.Equal(30, _stored.MaxDays);
    }

    [Fact]
    public async Task WhatSomebodyElseSetMeanwhileIsShownAndNotUndone()
    {
        await _state.LoadAsync(Cancel);
        _stored = new RetentionPolicy { MaxDays = 400 };
        _state.Traces = "60";
        await _state.PreviewAsync(Cancel);

        await _state.SaveAsync(Cancel);

        Assert.Equal((400, null), (_stored.MaxDays, _stored.MaxTraces));
        Assert.Equal(("400", "", false), (_state.Days, _state.Traces, _state.CanSave));
        Assert.StartsWith("Somebody else changed this meanwhile.", _state.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutAPreviewNothingIsSaved()
    {
        await _state.LoadAsync(Cancel);
        _away = true;
        _state.Days = "1";
        await _state.PreviewAsync(Cancel);

        Assert.False(_state.CanSave);
        Assert.Contains("cannot be reached", _state.Message, StringComparison.Ordinal);
    }
}
