using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Events;

public sealed class EventHubTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly EventHub _hub;
    private int _gaps;

    public EventHubTests()
    {
        _hub = new EventHub(_time);
        _hub.GapFound += () => _gaps++;
    }

    public void Dispose() => _hub.Dispose();

    [Fact]
    public async Task AReaderGetsEventsInOrderAndEachOnce()
    {
        _hub.Start(10);
        using EventReader reader = Open(10);

        _hub.Publish(SomeEvent.Range(11, 3));
        _hub.Publish(SomeEvent.Range(14, 2));

        Assert.Equal([11, 12, 13, 14, 15], await ReadAsync(reader));
        Assert.Empty(await ReadAsync(reader));
    }

    [Fact]
    public async Task WhoComesBackAfterARestartFindsTheNewestInTheRing()
    {
        _hub.Start(20, SomeEvent.Range(11, 10));
        using EventReader reader = Open(15);
        _hub.Publish(SomeEvent.Range(21, 1));

        Assert.Equal([16, 17, 18, 19, 20, 21], await ReadAsync(reader));
        Assert.Equal((false, true, true), (_hub.HasAllAfter(9), _hub.HasAllAfter(10), _hub.HasAllAfter(21)));
    }

    [Theory]
    [InlineData(11, 9)]
    [InlineData(12, 10)]
    public void ATailThatDoesNotReachTheHeadIsNotUsed(int first, int count)
    {
        _hub.Start(20, SomeEvent.Range(first, count));

        Assert.Equal((20, false, true), (_hub.Head, _hub.HasAllAfter(15), _hub.HasAllAfter(20)));
    }

    [Fact]
    public void OfLongEventsFewerAreHeld()
    {
        const int Long = 4 << 20;
        string payload = new('x', Long);
        _hub.Start(0);
        for (int i = 1; i <= 40; i++)
        {
            _hub.Publish([SomeEvent.At(i, payload: payload)]);
        }

        _hub.Publish(SomeEvent.Range(41, 10));

        int held = Enumerable.Range(1, 50).Count(id => _hub.TryGet(id, out _));
        Assert.InRange(held, 10 + (EventHub.MostBytes / Long) - 2, 10 + (EventHub.MostBytes / Long));
        Assert.All(Enumerable.Range(41, 10), id => Assert.True(_hub.TryGet(id, out _)));
        Assert.Equal(50, _hub.Head);
    }

    [Fact]
    public async Task EventsBeyondAGapWaitUntilItIsFilled()
    {
        _hub.Start(0);
        using EventReader reader = Open(0);

        _hub.Publish(SomeEvent.Range(4, 2));
        Assert.Equal(0, _hub.Head);
        Assert.Equal(1, _gaps);
        MissingEvents missing = _hub.Missing(most: 10);
        Assert.Equal((0L, (long?)4), (missing.After, missing.Before));
        Assert.Equal([1, 2, 3], missing.Ids);

        _hub.Publish(SomeEvent.Range(1, 3));
        Assert.Equal([1, 2, 3, 4, 5], await ReadAsync(reader));
    }

    [Fact]
    public void TheIdsOfSeveralGapsAreNamedTogether()
    {
        _hub.Start(10);
        _hub.Publish(SomeEvent.Range(13, 2));
        _hub.Publish(SomeEvent.Range(17, 1));
        _hub.Publish(SomeEvent.Range(14, 2));

        Assert.Equal([11, 12, 16], _hub.Missing(most: 10).Ids);
        Assert.Equal([11, 12], _hub.Missing(most: 2).Ids);
        _hub.Publish(SomeEvent.Range(11, 2));
        Assert.Equal([16], _hub.Missing(most: 10).Ids);
    }

    [Fact]
    public async Task WhatIsHandedInTwiceEntersOnce()
    {
        _hub.Start(0);
        using EventReader reader = Open(0);

        _hub.Publish(SomeEvent.Range(1, 5));
        _hub.Publish(SomeEvent.Range(3, 5));
        _hub.Publish(SomeEvent.Range(1, 2));

        Assert.Equal([1, 2, 3, 4, 5, 6, 7], await ReadAsync(reader));
    }

    [Fact]
    public void EventsFromBeforeTheStartAreKeptBackAndThoseBelowItDropped()
    {
        _hub.Publish(SomeEvent.Range(3, 2));
        _hub.Publish(SomeEvent.Range(8, 2));
        Assert.Equal(0, _hub.Head);

        _hub.Start(7);
        Assert.Equal(9, _hub.Head);
    }

    [Fact]
    public void AReaderIsWokenByAnEvent()
    {
        _hub.Start(0);
        using EventReader reader = Open(0);
        Task changed = reader.Changed;
        Assert.False(changed.IsCompleted);

        _hub.Publish(SomeEvent.Range(1, 1));
        Assert.True(changed.IsCompleted);
    }

    [Fact]
    public void ManyReadersAreWokenTogetherAfterAMoment()
    {
        _hub.Start(0);
        List<EventReader> readers = [.. Enumerable.Range(0, 300).Select(_ => Open(0))];
        Task changed = readers[0].Changed;

        _hub.Publish(SomeEvent.Range(1, 1));
        _hub.Publish(SomeEvent.Range(2, 1));
        Assert.False(changed.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(16));
        Assert.True(changed.IsCompleted);

        // And the next change starts a new gathering.
        changed = readers[0].Changed;
        _hub.Publish(SomeEvent.Range(3, 1));
        _time.Advance(TimeSpan.FromMilliseconds(16));
        Assert.True(changed.IsCompleted);

        readers.ForEach(r => r.Dispose());
        Assert.Equal(0, _hub.Readers);
    }

    [Fact]
    public async Task WritersOnManyThreadsLeaveNoGapAndNoRepeat()
    {
        _hub.Start(0);
        using EventReader reader = Open(0);
        const int Total = 10_000;
        LogEvent[][] batches = [.. SomeEvent.Range(1, Total).Chunk(7)];
        var random = new Random(1);
        random.Shuffle(batches);
        int next = -1;

        Task writers = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            () =>
            {
                for (int i; (i = Interlocked.Increment(ref next)) < batches.Length;)
                {
                    _hub.Publish(batches[i]);
                }
            },
            TestContext.Current.CancellationToken)));
        await writers;

        Assert.Equal(Total, _hub.Head);
        Assert.Equal(Enumerable.Range(1, Total).Select(i => (long)i), await ReadAsync(reader));
    }

    private EventReader Open(long position) => new EventFeed(_hub, new EventLog(new NoDatabase())).OpenAfter(position, new EventFilter(Projects.Default));

    private static async Task<List<long>> ReadAsync(EventReader reader)
    {
        var ids = new List<long>();
        var page = new List<LogEvent>();
        EventRead read;
        do
        {
            read = await reader.ReadAsync(page, TestContext.Current.CancellationToken);
            ids.AddRange(page.Select(e => e.Id));
        }
        while (read == EventRead.More);
        return ids;
    }

    private sealed class NoDatabase : IDbContextFactory<LlmEvalDb>
    {
        public LlmEvalDb CreateDbContext() => throw new InvalidOperationException("The ring should have had it.");
    }
}
