using LlmEval.Core.Access;
using LlmEval.Core.Review;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Review;

public class TraceLeasesTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(SomeTrace.Now));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task OfManyWhoAskAtOnceOneGetsIt(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind, _clock);
        TraceLeases leases = core.Get<TraceLeases>();

        bool[] taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            Task.Run(() => leases.TryTakeAsync(Projects.Default, "t-1", new LeaseHolder($"page-{i}", ""), Cancel))));

        Assert.Single(taken, got => got);
    }

    [Theory, EveryDatabase]
    public async Task ItEndsByItselfUnlessItIsRenewed(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind, _clock);
        await core.StoreManyAsync(1);
        TraceLeases leases = core.Get<TraceLeases>();
        ReviewQueue queue = core.Open();
        Assert.Equal("t-00", await queue.TakeAsync(ReviewCore.Ann));

        _clock.Advance(TraceLeases.Length - TimeSpan.FromSeconds(1));
        Assert.Null(await queue.TakeAsync(ReviewCore.Bob));
        Assert.Equal(["t-00"], await leases.RenewAsync(Projects.Default, ReviewCore.Ann, Cancel));
        _clock.Advance(TraceLeases.Length - TimeSpan.FromSeconds(1));
        Assert.Null(await queue.TakeAsync(ReviewCore.Bob));

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null((await queue.ListAsync(1, Cancel))[0].Lease);
        Assert.Equal("t-00", await queue.TakeAsync(ReviewCore.Bob));
        Assert.Empty(await leases.RenewAsync(Projects.Default, ReviewCore.Ann, Cancel));
    }

    [Theory, EveryDatabase]
    public async Task WhoLeavesFreesWhatTheyHadAndNothingElse(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind, _clock);
        await core.StoreManyAsync(3);
        TraceLeases leases = core.Get<TraceLeases>();
        ReviewQueue queue = core.Open();
        await queue.TakeAsync(ReviewCore.Ann);
        await queue.TakeAsync(ReviewCore.Ann, new HashSet<string> { "t-02" });
        Assert.Equal("t-00", await queue.TakeAsync(ReviewCore.Bob));

        await leases.ReleaseAsync(Projects.Default, "t-00", ReviewCore.Ann, Cancel);
        await leases.ReleaseAsync(Projects.Default, "t-01", ReviewCore.Ann, Cancel);
        Assert.Equal(["Ann", null, "Bob"], (await queue.ListAsync(9, Cancel)).Select(q => q.Lease?.Reviewer));

        await leases.ReleaseAllAsync(Projects.Default, ReviewCore.Ann, Cancel);
        Assert.Equal([null, null, "Bob"], (await queue.ListAsync(9, Cancel)).Select(q => q.Lease?.Reviewer));
    }

    [Theory, EveryDatabase]
    public async Task AServerThatStopsFreesWhatItsPagesHadAndNothingElse(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind, _clock);
        await core.StoreManyAsync(3);
        var elsewhere = ActivatorUtilities.CreateInstance<TraceLeases>(core.Services);
        await elsewhere.TryTakeAsync(Projects.Default, "t-02", ReviewCore.Bob, Cancel);
        ReviewQueue queue = core.Open();
        await queue.TakeAsync(ReviewCore.Ann);
        await queue.TakeAsync(ReviewCore.Ann, new HashSet<string> { "t-01" });
        Assert.Equal(["Bob", "Ann", "Ann"], (await queue.ListAsync(9, Cancel)).Select(q => q.Lease?.Reviewer));

        await Assert.Single(core.Services.GetServices<IHostedService>().OfType<LeaseRelease>()).StoppingAsync(Cancel);

        Assert.Equal(["Bob", null, null], (await queue.ListAsync(9, Cancel)).Select(q => q.Lease?.Reviewer));
    }

    [Fact]
    public async Task TakingAndFreeingIsSignalled()
    {
        await using TestCore core = await ReviewCore.StartAsync(DatabaseKind.Sqlite, _clock);
        TraceLeases leases = core.Get<TraceLeases>();
        ReviewSignal signal = core.Get<ReviewSignal>();

        Task taken = signal.Changed;
        await leases.TryTakeAsync(Projects.Default, "t-1", ReviewCore.Ann, Cancel);
        Assert.True(taken.IsCompleted);

        Task refused = signal.Changed;
        await leases.TryTakeAsync(Projects.Default, "t-1", ReviewCore.Bob, Cancel);
        Assert.False(refused.IsCompleted);

        await leases.ReleaseAllAsync(Projects.Default, ReviewCore.Ann, Cancel);
        Assert.True(refused.IsCompleted);
    }
}
