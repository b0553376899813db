using System.Globalization;
using System.Threading.Channels;
using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Tests.Support;
using LlmEval.Tests.Traces;
using LlmEval.Web.Live;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmEval.Tests.Live;

public sealed class LiveFeedTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly WatchedClock _time = new();
    private readonly CircuitLink _link = new();
    private readonly LivePhases _phases = new();
    private readonly TestLog _log;
    private readonly LiveFeeds _feeds;
    private readonly Channel<LiveBatch> _delivered = Channel.CreateUnbounded<LiveBatch>();
    private readonly List<LiveFeed> _open = [];

    public LiveFeedTests()
    {
        _log = new TestLog(_time);
        _feeds = new LiveFeeds(_log.Feed, _log.Hub, _link, _time, NullLogger<LiveFeed>.Instance, _phases);
    }

    [Fact]
    public async Task TheFirstEventComesAtOnceAndTheNextOnesTogetherAfterTheInterval()
    {
        Open();
        _log.Stored(SomeTraces.One("a"));
        Assert.Equal(["a"], Ids(await NextAsync()));

        _log.Stored(SomeTraces.One("b"));
        _log.Stored(SomeTraces.One("c"));
        await AssertSilentAsync();

        await _time.PassAsync(LiveFeed.Interval);
        Assert.Equal(["b", "c"], Ids(await NextAsync()));
    }

    [Fact]
    public async Task CircuitsThatAreWokenTogetherDoNotStayInStep()
    {
        LiveFeeds[] circuits = [.. Enumerable.Range(0, 8).Select(_ => new LiveFeeds(_log.Feed, _log.Hub, _link, _time, NullLogger<LiveFeed>.Instance, _phases))];
        int delivered = 0;
        foreach (LiveFeeds circuit in circuits)
        {
            _open.Add(circuit.Open(new EventFilter(Projects.Default) { Channel = null }, _ =>
            {
                Interlocked.Increment(ref delivered);
                return Task.CompletedTask;
            }));
        }

        _log.Stored(SomeTraces.One("a"));
        await UntilAsync(circuits.Length);
        _log.Stored(SomeTraces.One("b"));
        var atATime = new List<int>();
        for (int i = 0; i <= 20; i++)
        {
            int before = Volatile.Read(ref delivered);
            TimeSpan step = i == 0 ? LiveFeed.Interval : LiveFeed.Interval / 20;
            await _time.PassAsync(step, waiting: circuits.Length);
            await Task.Delay(20, TestContext.Current.CancellationToken);
            atATime.Add(Volatile.Read(ref delivered) - before);
        }

        await UntilAsync(2 * circuits.Length);
        Assert.True(atATime.Max() <= 3, string.Join(' ', atATime));

        async Task UntilAsync(int count)
        {
            await Eventually.TrueAsync(() => Volatile.Read(ref delivered) >= count);
            Assert.Equal(count, Volatile.Read(ref delivered));
        }
    }

    [Fact]
    public void ThePhasesOfManyCircuitsFillTheInterval()
    {
        double[] phases = [.. Enumerable.Range(0, 100).Select(_ => _phases.Next()).Order()];

        Assert.InRange(phases[0], 0, 0.02);
        Assert.InRange(phases[^1], 0.98, 1);
        Assert.True(phases.Zip(phases.Skip(1), (a, b) => b - a).Max() < 0.03);
    }

    [Fact]
    public async Task NothingIsDeliveredWhileTheBrowserIsAwayAndNothingIsMissedAfter()
    {
        Open();
        _log.Stored(SomeTraces.One("a"));
        await NextAsync();

        await _link.OnConnectionDownAsync(null!, CancellationToken.None);
        _log.Stored(SomeTraces.One("b"));
        await _time.PassAsync(TimeSpan.FromMinutes(1));
        await AssertSilentAsync();

        await _link.OnConnectionUpAsync(null!, CancellationToken.None);
        Assert.Equal(["b"], Ids(await NextAsync()));
    }

    [Fact]
    public async Task APageThatIsFarBehindIsToldToReadAnewAndThenFollowsFromThere()
    {
        await _link.OnConnectionDownAsync(null!, CancellationToken.None);
        Open();
        _log.Flood(LiveFeed.MostBehind + 1);
        await _link.OnConnectionUpAsync(null!, CancellationToken.None);

        LiveBatch batch = await NextAsync();
        Assert.True(batch.Missed);
        Assert.Empty(batch.Events);

        await _time.PassAsync(LiveFeed.Interval);
        _log.Stored(SomeTraces.One("after"));
        Assert.Equal(["after"], Ids(await NextAsync()));
        Assert.Equal(1, _log.Hub.Readers);
    }

    [Fact]
    public async Task WhereTracesWereSweptAPageIsToldToReadAnew()
    {
        Open();
        _log.Swept(3);

        Assert.True((await NextAsync()).Missed);
    }

    [Fact]
    public async Task BatchesNeverOverlap()
    {
        int now = 0;
        int most = 0;
        var hold = new TaskCompletionSource();
        Open(async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref now));
            await hold.Task;
            Interlocked.Decrement(ref now);
        });
        _log.Stored(SomeTraces.One("a"));
        await NextAsync();
        _log.Stored(SomeTraces.One("b"));
        _time.Advance(TimeSpan.FromSeconds(10));
        await AssertSilentAsync();

        hold.SetResult();
        Assert.Equal(["b"], Ids(await NextAsync()));
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task BatchesComeInTheCultureOfTheViewer()
    {
        string? culture = null;
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Open(_ =>
            {
                culture = CultureInfo.CurrentCulture.Name;
                return Task.CompletedTask;
            });
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        _log.Stored(SomeTraces.One("a"));
        await NextAsync();
        Assert.Equal("de-DE", culture);
    }

    [Fact]
    public async Task TheSubscriptionEndsWithTheFeed()
    {
        LiveFeed feed = Open();
        Assert.Equal(1, _log.Hub.Readers);

        await feed.DisposeAsync();
        await feed.DisposeAsync();

        Assert.Equal(0, _log.Hub.Readers);
        _log.Stored(SomeTraces.One("a"));
        await AssertSilentAsync();
    }

    [Fact]
    public async Task ASignalBringsABatchEachTimeAndJoinsWhatTheLogHas()
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Open(signal: () => Volatile.Read(ref signal).Task);
        await AssertSilentAsync();

        Raise();
        Assert.Empty((await NextAsync()).Events);

        // Within the interval both wait, and come as one.
        Raise();
        _log.Stored(SomeTraces.One("a"));
        await AssertSilentAsync();
        await _time.PassAsync(LiveFeed.Interval);
        Assert.Equal(["a"], Ids(await NextAsync()));
        await _time.PassAsync(LiveFeed.Interval);
        await AssertSilentAsync();

        void Raise() => Interlocked.Exchange(ref signal, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    [Fact]
    public async Task ASignalWhileTheBrowserIsAwayWaitsForIt()
    {
        var signal = new TaskCompletionSource();
        await _link.OnConnectionDownAsync(null!, CancellationToken.None);
        int asked = 0;
        Open(signal: () => asked++ == 0 ? signal.Task : new TaskCompletionSource().Task);
        signal.SetResult();
        await AssertSilentAsync();

        await _link.OnConnectionUpAsync(null!, CancellationToken.None);
        Assert.False((await NextAsync()).Missed);
    }

    [Fact]
    public async Task AFeedThatTakesNoEventIsNoReaderOfTheLogAndHearsOfTheSignalAlone()
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int asked = 0;
        _open.Add(_feeds.Open(EventFilter.Nothing, batch =>
        {
            _delivered.Writer.TryWrite(batch);
            return Task.CompletedTask;
        }, () => asked++ == 0 ? signal.Task : new TaskCompletionSource().Task));
        Assert.Equal(0, _log.Hub.Readers);

        _log.Flood(LiveFeed.MostBehind + 1);
        await AssertSilentAsync();

        signal.SetResult();
        Assert.False((await NextAsync()).Missed);
    }

    [Fact]
    public async Task APageThatOpensBeforeTheEndOfTheLogIsKnownReadsAnewAndIsToldNothingOld()
    {
        using var hub = new EventHub(_time);
        await using LiveFeed feed = new LiveFeeds(new EventFeed(hub, _log.Log), hub, _link, _time, NullLogger<LiveFeed>.Instance, _phases)
            .Open(new EventFilter(Projects.Default), batch =>
            {
                _delivered.Writer.TryWrite(batch);
                return Task.CompletedTask;
            });
        hub.Publish(SomeEvent.Range(1, 5));
        hub.Start(0);
        LiveBatch first = await NextAsync();
        Assert.True(first.Missed);
        Assert.Empty(first.Events);

        hub.Publish(SomeEvent.Range(6, 1));
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(LiveFeed.Interval);
            return _delivered.Reader.TryPeek(out _);
        });
        Assert.Equal(["t-6"], Ids(await NextAsync()));
    }

    private LiveFeed Open(Func<LiveBatch, Task>? deliver = null, Func<Task>? signal = null)
    {
        LiveFeed feed = _feeds.Open(new EventFilter(Projects.Default) { Channel = null }, async batch =>
        {
            if (deliver is not null)
            {
                Task delivering = deliver(batch);
                _delivered.Writer.TryWrite(batch);
                await delivering;
                return;
            }

            _delivered.Writer.TryWrite(batch);
        }, signal);
        _open.Add(feed);
        return feed;
    }

    private async Task<LiveBatch> NextAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        return await _delivered.Reader.ReadAsync(limit.Token);
    }

    /// <summary>Real time, but only to give a fault the chance to show: a pass does not depend on it.</summary>
    private async Task AssertSilentAsync()
    {
        await Task.Delay(60, TestContext.Current.CancellationToken);
        Assert.False(_delivered.Reader.TryPeek(out _));
    }

    private static string[] Ids(LiveBatch batch) => [.. batch.Events.Select(e => e.TraceId)];

    public async ValueTask DisposeAsync()
    {
        foreach (LiveFeed feed in _open)
        {
            await feed.DisposeAsync();
        }

        Assert.Equal(0, _log.Hub.Readers);
        _log.Dispose();
    }
}
