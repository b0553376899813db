using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Tests.Live;
using LlmEval.Tests.Support;
using LlmEval.Web.Live;
using LlmEval.Web.Traces;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Traces;

public sealed class TracesStateTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly TestTraces _traces = new();
    private readonly TestLog _log;
    private readonly TracesState _state;

    public TracesStateTests()
    {
        _log = new TestLog(_time);
        _state = new TracesState(_traces.Reads, _time, () => { });
    }

    [Fact]
    public async Task ANewTraceComesFirst()
    {
        _traces.AddMany(2);
        await ShowAsync();

        await TakeAsync(_log.Stored(SomeTraces.One("new")));

        Assert.Equal(["new", "old-000", "old-001"], Ids());
        Assert.True(_state.Rows[0].Fresh);
        Assert.Equal(1, _traces.Lists);
    }

    [Fact]
    public async Task APageWithNothingOnItYetIsReadOn()
    {
        _traces.AddMany(2);
        var searching = new Queue<Cursor>([new Cursor(SomeTrace.Now, 9), new Cursor(SomeTrace.Now, 8)]);
        using var state = new TracesState(
            _traces.Reads with
            {
                List = (filter, after, limit, cancel) => searching.TryDequeue(out Cursor? place)
                    ? Task.FromResult(new Page<TraceSummary>([], place))
                    : _traces.Reads.List(filter, null, limit, cancel),
            },
            _time,
            () => { });

        await state.ShowAsync(new TracesAddress());

        Assert.Equal(2, state.Rows.Count);
        Assert.Empty(searching);
    }

    [Fact]
    public async Task AllOfAListAreGatheredAlsoThoseFurtherDown()
    {
        _traces.AddMany(TraceWindow.PageSize * 2 + 5);
        await ShowAsync();

        Assert.Equal(TraceWindow.PageSize * 2 + 5, (await _state.GatherAsync(1_000, TestContext.Current.CancellationToken))!.Count);

        Assert.Equal(TraceWindow.PageSize, _state.Rows.Count);
    }

    [Fact]
    public async Task GatheringStopsWhereThereIsNoRoom()
    {
        _traces.AddMany(TraceSelection.Most + TraceWindow.PageSize * 3);
        await ShowAsync();

        Assert.Equal(TraceSelection.Most, (await _state.GatherAsync(TraceSelection.Most, TestContext.Current.CancellationToken))!.Count);

        Assert.Equal(1 + (TraceSelection.Most / TraceWindow.PageSize), _traces.Lists);
    }

    [Fact]
    public async Task GatheringIsGivenUpWhenAnotherListIsWanted()
    {
        _traces.AddMany(TraceWindow.PageSize * 2);
        await ShowAsync();
        _traces.Hold();
        Task<IReadOnlyList<TraceSummary>?> gathering = _state.GatherAsync(1_000, TestContext.Current.CancellationToken);
        Task other = _state.ShowAsync(new TracesAddress { Filter = new TraceFilter { Statuses = [EvaluationStatus.Rejected] } });
        _traces.Release();

        Assert.Null(await gathering);
        await other;
    }

    [Fact]
    public async Task WhatTheListAlreadyHoldsIsNotTakenTwiceOrBack()
    {
        // The list was read after both events, and they come after it.
        Trace trace = SomeTraces.One("a");
        LogEvent stored = _log.Stored(trace);
        LogEvent evaluated = _log.Evaluated(trace, EvaluationStatus.Accepted);
        _log.Evaluated(trace, EvaluationStatus.Rejected);
        _traces.Add(trace);
        await ShowAsync();

        await TakeAsync(stored, evaluated);

        Assert.Equal(["a"], Ids());
        Assert.Equal((EvaluationStatus.Rejected, 3), (_state.Rows[0].Trace.Status, _state.Rows[0].Trace.Version));
    }

    [Fact]
    public async Task AVerdictChangesOnlyItsRow()
    {
        Trace a = _traces.Add(SomeTraces.One("a"));
        _traces.Add(SomeTraces.One("b", minutesAgo: 1));
        await ShowAsync();
        ListedTrace untouched = _state.Rows[1];

        await TakeAsync(_log.Evaluated(a, EvaluationStatus.Accepted));

        Assert.Equal(EvaluationStatus.Accepted, _state.Rows[0].Trace.Status);
        Assert.Equal("Question of a", _state.Rows[0].Trace.UserQuery);
        Assert.Same(untouched, _state.Rows[1]);
    }

    [Fact]
    public async Task ADeletedTraceVanishesEvenWhileSomebodyReads()
    {
        Trace a = _traces.Add(SomeTraces.One("a"));
        await ShowAsync();
        await _state.SetReadingAsync(true);

        await TakeAsync(_log.Deleted(a));

        Assert.Empty(_state.Rows);
    }

    [Fact]
    public async Task WhileSomebodyReadsRowsStayAndNewOnesWait()
    {
        _traces.AddMany(1);
        await ShowAsync();
        await _state.SetReadingAsync(true);

        Trace gone = SomeTraces.One("gone");
        await TakeAsync(_log.Stored(SomeTraces.One("a")), _log.Stored(gone), _log.Stored(SomeTraces.One("b")));
        Assert.Equal(3, _state.NewCount);
        await TakeAsync(_log.Deleted(gone));

        Assert.Equal(2, _state.NewCount);
        Assert.Equal(["old-000"], Ids());

        await _state.SetReadingAsync(false);
        Assert.Equal(["b", "a", "old-000"], Ids());
        Assert.Equal(0, _state.NewCount);
    }

    [Fact]
    public async Task APausedListStaysUntilItGoesOnAndAsksForWhatDidNotFit()
    {
        _traces.AddMany(1);
        await ShowAsync();
        await _state.SetPausedAsync(true);
        for (int i = 0; i < 300; i++)
        {
            await TakeAsync(_log.Stored(_traces.Add(SomeTraces.One($"new-{i}"))));
        }

        await _state.SetReadingAsync(false);
        Assert.Equal(["old-000"], Ids());
        Assert.Equal(300, _state.NewCount);

        await _state.SetPausedAsync(false);
        Assert.Equal("new-299", _state.Rows[0].Trace.TraceId);
        Assert.Equal(0, _state.NewCount);
        Assert.Equal(2, _traces.Lists);
    }

    [Fact]
    public async Task FiltersTestTheStateThatEventsCarry()
    {
        Trace pending = _traces.Add(SomeTraces.One("pending"));
        Trace rejected = _traces.Add(SomeTraces.One("rejected", status: EvaluationStatus.Rejected));
        await ShowAsync(Listing(new TraceFilter { Statuses = [EvaluationStatus.Rejected] }));
        Assert.Equal(["rejected"], Ids());

        await TakeAsync(_log.Stored(SomeTraces.One("other")));
        await TakeAsync(_log.Evaluated(pending, EvaluationStatus.Rejected));
        Assert.Equal(["pending", "rejected"], Ids().Order());

        await TakeAsync(_log.Evaluated(rejected, EvaluationStatus.Accepted));
        Assert.Equal(["pending"], Ids());
    }

    [Fact]
    public async Task ARowThatNoLongerMatchesStaysUnderTheReadersEyes()
    {
        Trace a = _traces.Add(SomeTraces.One("a"));
        await ShowAsync(Listing(new TraceFilter { Statuses = [EvaluationStatus.Pending] }));
        await _state.SetReadingAsync(true);

        await TakeAsync(_log.Evaluated(a, EvaluationStatus.Accepted));
        Assert.Equal(EvaluationStatus.Accepted, _state.Rows.Single().Trace.Status);

        await _state.SetReadingAsync(false);
        Assert.Empty(_state.Rows);
    }

    [Fact]
    public async Task ModelsAndErrorsAreFilteredToo()
    {
        await ShowAsync(Listing(new TraceFilter { ModelNames = ["gpt-4"], HasError = true }));

        await TakeAsync(
            _log.Stored(SomeTraces.One("fine")),
            _log.Stored(SomeTraces.One("failed", error: true)),
            _log.Stored(SomeTraces.One("failed-elsewhere", error: true, model: "other")));

        Assert.Equal(["failed"], Ids());
        Assert.Equal(["gpt-4", "other"], _state.ModelNames);
    }

    [Fact]
    public async Task WhatAnEventDoesNotTellIsLookedUp()
    {
        await ShowAsync(Listing(new TraceFilter { UserId = "kim", Metadata = [new("dataset", "x")] }));
        Trace wanted = SomeTraces.One("wanted");
        (wanted.UserId, wanted.Metadata) = ("kim", """{"dataset":"x"}""");
        Trace other = SomeTraces.One("other");
        (other.UserId, other.Metadata) = ("kim", """{"dataset":"y"}""");

        await TakeAsync(_log.Stored(_traces.Add(wanted)), _log.Stored(_traces.Add(other)));

        Assert.Equal(["wanted"], Ids());
        Assert.False(_state.MayHaveMore);
    }

    [Fact]
    public async Task OnlyNewTracesOfTheLoadedPartAreAnnounced()
    {
        _traces.AddMany(60);
        await ShowAsync();
        await _state.SetReadingAsync(true);

        await TakeAsync(
            _log.Updated(SomeTraces.One("old-055", minutesAgo: 65)),
            _log.Stored(SomeTraces.One("imported", minutesAgo: 10_000)),
            _log.Updated(SomeTraces.One("tagged", minutesAgo: 1)));
        Assert.Equal(0, _state.NewCount);

        await TakeAsync(_log.Stored(SomeTraces.One("new")));
        Assert.Equal(1, _state.NewCount);
        await _state.SetReadingAsync(false);
        Assert.Equal(["new", "tagged", "old-000"], Ids()[..3]);
    }

    [Fact]
    public async Task ATraceThatIsLookedUpWhileOlderRowsLoadIsNotLost()
    {
        for (int i = 0; i < 60; i++)
        {
            _traces.Add(SomeTraces.One($"old-{i}", minutesAgo: 10 + i)).UserId = "kim";
        }

        var lookup = new TaskCompletionSource();
        using var state = new TracesState(
            _traces.Reads with
            {
                Find = async (traceId, cancel) =>
                {
                    await lookup.Task.WaitAsync(cancel);
                    return await _traces.Reads.Find(traceId, cancel);
                },
            },
            _time,
            () => { });
        await state.ShowAsync(Listing(new TraceFilter { UserId = "kim" }));
        Trace wanted = SomeTraces.One("wanted");
        wanted.UserId = "kim";

        Task taken = state.TakeAsync(new LiveBatch([_log.Stored(_traces.Add(wanted))], Missed: false));
        await state.LoadOlderAsync();
        lookup.SetResult();
        await taken;

        Assert.Equal("wanted", state.Rows[0].Trace.TraceId);
        Assert.Equal(61, state.Rows.Count);
    }

    [Fact]
    public async Task AFullTextListLooksAgainAWhileAfterTracesThatItMayHold()
    {
        await ShowAsync(Listing(new TraceFilter { Text = "Question of a", Statuses = [EvaluationStatus.Pending] }));
        await TakeAsync(_log.Stored(_traces.Add(SomeTraces.One("rejected", status: EvaluationStatus.Rejected))));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, _traces.Lists);

        await TakeAsync(_log.Stored(_traces.Add(SomeTraces.One("other"))), _log.Stored(_traces.Add(SomeTraces.One("a"))));
        Assert.Empty(_state.Rows);
        _time.Advance(TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(() => _state.Rows.Count == 1);

        Assert.Equal(["a"], Ids());
        Assert.False(_state.MayHaveMore);
        Assert.Equal(2, _traces.Lists);
    }

    [Fact]
    public async Task WhatIsIndexedLateIsFoundByTheSecondLookAndWaitsForTheReader()
    {
        await ShowAsync(Listing(new TraceFilter { Text = "Question of a" }));
        await _state.SetReadingAsync(true);
        Trace late = SomeTraces.One("a");
        await TakeAsync(_log.Stored(late));
        _time.Advance(TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(() => _traces.Lists == 2);

        _traces.Add(late);
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return _state.NewCount == 1;
        });

        Assert.Empty(_state.Rows);
    }

    [Fact]
    public async Task ASearchFurtherDownOffersToReadAgain()
    {
        _traces.AddMany(3);
        await ShowAsync(Listing(new TraceFilter { Text = "Question" }) with { After = new Cursor(SomeTrace.Now, 9) });

        await TakeAsync(_log.Stored(_traces.Add(SomeTraces.One("a"))));

        Assert.True(_state.MayHaveMore);
    }

    [Fact]
    public async Task MissedEventsMakeItReadAnewOrOfferToWhileSomebodyReads()
    {
        await ShowAsync();
        _traces.Add(SomeTraces.One("a"));
        await _state.TakeAsync(new LiveBatch([], Missed: true));
        Assert.Equal(["a"], Ids());

        await _state.SetReadingAsync(true);
        _traces.Add(SomeTraces.One("b"));
        await _state.TakeAsync(new LiveBatch([], Missed: true));
        Assert.Equal(["a"], Ids());
        Assert.True(_state.MayHaveMore);

        await _state.SetReadingAsync(false);
        Assert.Equal(["b", "a"], Ids());
    }

    [Fact]
    public async Task EventsThatComeWhileAListIsReadAreAppliedToIt()
    {
        _traces.Add(SomeTraces.One("a"));
        _traces.Hold();
        Task show = ShowAsync();
        Task take = TakeAsync(_log.Stored(SomeTraces.One("b")));
        Assert.False(_state.Loaded);

        _traces.Release();
        await show;
        await take;
        Assert.Equal(["b", "a"], Ids());
    }

    [Fact]
    public async Task TheLastAddressWins()
    {
        _traces.Add(SomeTraces.One("a"));
        _traces.Hold();
        Task first = ShowAsync(Listing(new TraceFilter { ModelNames = ["none"] }));
        Task second = ShowAsync();
        _traces.Release();
        await Task.WhenAll(first, second);

        Assert.Equal(["a"], Ids());
    }

    [Fact]
    public async Task WhileTheDatabaseIsAwayItSaysSoAndTriesAgain()
    {
        _traces.Add(SomeTraces.One("a"));
        _traces.Away = true;
        Task show = ShowAsync();
        Assert.True(_state.Unavailable);
        Assert.False(_state.Loaded);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_state.Unavailable);
        _traces.Away = false;
        _time.Advance(TimeSpan.FromSeconds(2));
        await show;

        Assert.False(_state.Unavailable);
        Assert.Equal(["a"], Ids());
    }

    [Fact]
    public async Task OlderTracesFollowWithoutGapOrRepeat()
    {
        _traces.AddMany(120);
        await ShowAsync();
        Assert.Equal(TraceWindow.PageSize, _state.Rows.Count);
        await TakeAsync(_log.Stored(_traces.Add(SomeTraces.One("new"))));

        while (_state.Older is not null)
        {
            await _state.LoadOlderAsync();
        }

        Assert.Equal(Enumerable.Range(0, 120).Select(i => $"old-{i:000}").Prepend("new"), Ids());
    }

    [Theory]
    [InlineData("old-010", 20, "old-010", 50)]
    [InlineData("old-099", 109, "old-099", 100)]
    [InlineData("gone", 109, "old-100", 150)]
    public async Task AListIsReadDownToWhereSomebodyWas(string left, int minutesAgo, string expected, int rows)
    {
        _traces.AddMany(160);
        await ShowAsync();

        int? place = await _state.LoadDownToAsync(TraceSummary.Of(SomeTraces.One(left, minutesAgo: minutesAgo)));

        Assert.Equal(expected, Ids()[place!.Value]);
        Assert.Equal(rows, _state.Rows.Count);
    }

    [Fact]
    public async Task AListIsNotReadForEverToWhereSomebodyWas()
    {
        _traces.AddMany(700);
        await ShowAsync();

        Assert.Null(await _state.LoadDownToAsync(TraceSummary.Of(SomeTraces.One("far", minutesAgo: 100_000))));
        Assert.Equal(500, _state.Rows.Count);
    }

    [Fact]
    public async Task AListThatBeginsFurtherDownCountsWhatIsNewAndKeepsItsRows()
    {
        _traces.AddMany(60);
        await ShowAsync();
        await ShowAsync(new TracesAddress { After = _state.Older });
        Assert.Equal("old-050", Ids()[0]);

        await TakeAsync(_log.Stored(SomeTraces.One("new")));

        Assert.Equal("old-050", Ids()[0]);
        Assert.Equal(1, _state.NewCount);
    }

    private static TracesAddress Listing(TraceFilter filter) => new() { Filter = filter };

    private Task ShowAsync(TracesAddress? address = null) => _state.ShowAsync(address ?? new TracesAddress());

    private Task TakeAsync(params LogEvent[] events) => _state.TakeAsync(new LiveBatch(events, Missed: false));

    private string[] Ids() => [.. _state.Rows.Select(row => row.Trace.TraceId)];

    public void Dispose()
    {
        _state.Dispose();
        _log.Dispose();
    }
}
