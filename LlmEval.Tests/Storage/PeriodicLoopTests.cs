using System.Collections.Concurrent;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace LlmEval.Tests.Storage;

public sealed class PeriodicLoopTests
{
    // So short that a loop that lags behind the clock does not make an outage another one.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly StorageReadiness _readiness = new();

    [Fact]
    public async Task ItGoesOnAfterAFaultOfOursAndTellsEachWithAllThatIsKnownOfIt()
    {
        using Faulty loop = await StartAsync(tick => tick <= 3 ? new KeyNotFoundException($"{tick}") : null);

        await TickUntilAsync(loop, 5);

        Assert.Equal(["1", "2", "3"], loop.Told.Select(t => t.Reason));
        Assert.All(loop.Told, told => Assert.IsType<KeyNotFoundException>(told.Fault));
        await loop.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(TaskStatus.Canceled, loop.ExecuteTask!.Status);
    }

    [Fact]
    public async Task AnOutageIsToldOnceAndInWords()
    {
        using Faulty loop = await StartAsync(_ => new TimeoutException("away"));

        await TickUntilAsync(loop, 10);

        Assert.Equal((null, "away"), Assert.Single(loop.Told));
    }

    /// <summary>EF Core's own words for a connection that failed tell an operator nothing.</summary>
    [Fact]
    public async Task TheReasonOfAnOutageIsWhatTheDatabaseSaysNotWhatIsWrappedAroundIt()
    {
        using Faulty loop = await StartAsync(_ => new InvalidOperationException(
            "An exception has been raised that is likely due to a transient failure.",
            new DbUpdateException("An error occurred.", new NpgsqlException("Failed to connect to 10.0.0.5:5432"))));

        await TickUntilAsync(loop, 1);

        Assert.Equal("Failed to connect to 10.0.0.5:5432", Assert.Single(loop.Told).Reason);
    }

    [Fact]
    public async Task NothingIsDoneBeforeTheTablesAreThere()
    {
        using var loop = new Faulty(_readiness, _time, _ => null);
        await loop.StartAsync(TestContext.Current.CancellationToken);
        _time.Advance(10 * Interval);
        Assert.Equal(0, loop.Ticks);

        _readiness.Set();

        await TickUntilAsync(loop, 1);
    }

    private async Task<Faulty> StartAsync(Func<int, Exception?> fault)
    {
        _readiness.Set();
        var loop = new Faulty(_readiness, _time, fault);
        await loop.StartAsync(TestContext.Current.CancellationToken);
        return loop;
    }

    private Task TickUntilAsync(Faulty loop, int ticks) => Eventually.TrueAsync(() =>
    {
        _time.Advance(Interval);
        return loop.Ticks >= ticks;
    });

    private sealed class Faulty(StorageReadiness readiness, TimeProvider time, Func<int, Exception?> fault) : PeriodicLoop(Interval, readiness, time)
    {
        private int _ticks;

        public int Ticks => Volatile.Read(ref _ticks);

        public ConcurrentQueue<(Exception? Fault, string Reason)> Told { get; } = new();

        protected override Task TickAsync(CancellationToken cancel) =>
            fault(Interlocked.Increment(ref _ticks)) is { } e ? throw e : Task.CompletedTask;

        protected override void Failed(Exception? e, string reason) => Told.Enqueue((e, reason));
    }
}
