using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using LlmEval.Web.Traces;

namespace LlmEval.Tests.Traces;

public class TraceWindowTests
{
    private readonly TraceWindow _window = new();

    [Fact]
    public void ATraceTakesThePlaceOfItsTime()
    {
        Reset(null, At("new", 1), At("old", 3));

        _window.Insert(At("between", 2));
        _window.Insert(At("newest", 0));
        _window.Insert(At("oldest", 9));

        Assert.Equal(["newest", "new", "between", "old", "oldest"], Ids());
    }

    [Fact]
    public void AmongEqualTimesTheOneStoredLastComesFirst()
    {
        Reset(null, At("a", 1));
        _window.Insert(At("b", 1));

        Assert.Equal(["b", "a"], Ids());
    }

    [Fact]
    public void WhatBelongsToThePartThatIsNotLoadedStaysOut()
    {
        Reset(new Cursor(SomeTrace.Now.AddMinutes(-3), 1), At("new", 1), At("last", 3));

        _window.Insert(At("older", 4));

        Assert.Equal(["new", "last"], Ids());
        Assert.False(_window.Contains("older"));
    }

    [Fact]
    public void ATraceStandsInTheListOnce()
    {
        Reset(new Cursor(SomeTrace.Now.AddMinutes(-1), 1), At("a", 1));
        _window.Insert(At("a", 1));
        _window.Append(new Page<TraceSummary>([At("a", 1), At("b", 2)], null));

        Assert.Equal(["a", "b"], Ids());
    }

    [Theory]
    [InlineData(TraceWindow.MostPointedOut, true)]
    [InlineData(TraceWindow.MostPointedOut + 1, false)]
    public void NewRowsArePointedOutUnlessThereAreTooManyAtOnce(int count, bool pointedOut)
    {
        Reset(null, At("old", 9));
        for (int i = 0; i < count; i++)
        {
            _window.Insert(At($"t-{i}", 1));
        }

        _window.Trim();

        Assert.All(_window.Rows.SkipLast(1), row => Assert.Equal(pointedOut, row.Fresh));
    }

    [Fact]
    public void AListThatGrewTooLongLosesItsEndAndReadsItAgainWithoutAGap()
    {
        Reset(null, [.. Enumerable.Range(0, TraceWindow.LiveRows).Select(i => At($"t-{i}", 10 + (i / 2)))]);
        _window.Insert(At("new-1", 1));
        _window.Insert(At("new-2", 0));
        _window.Trim();

        Assert.Equal(TraceWindow.LiveRows, _window.Rows.Count);
        string last = _window.Rows[^1].Trace.TraceId;
        Assert.Equal(new Cursor(_window.Rows[^1].Trace.Timestamp, long.MaxValue), _window.Older);

        // Two traces share each time: the page at the cut begins with one that is here already.
        _window.Append(new Page<TraceSummary>([At("t-196", 108), At("t-197", 108), At("t-198", 109), At("t-199", 109)], null));
        Assert.Equal(TraceWindow.LiveRows + 2, _window.Rows.Count);
        Assert.Equal("t-197", last);
        Assert.Equal(["t-197", "t-198", "t-199"], Ids()[^3..]);
    }

    [Fact]
    public void PagesThatTheReaderAskedForAreNotCutOff()
    {
        Reset(null, [.. Enumerable.Range(0, TraceWindow.LiveRows + 100).Select(i => At($"t-{i}", i))]);
        _window.Trim();

        Assert.Equal(TraceWindow.LiveRows + 100, _window.Rows.Count);
    }

    private static TraceSummary At(string traceId, double minutesAgo) => TraceSummary.Of(SomeTraces.One(traceId, minutesAgo));

    private void Reset(Cursor? next, params TraceSummary[] traces) => _window.Reset(new Page<TraceSummary>(traces, next));

    private string[] Ids() => [.. _window.Rows.Select(row => row.Trace.TraceId)];
}
