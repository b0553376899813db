using LlmEval.Core.Limits;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Limits;

public class RateLimitsTests
{
    private static readonly RatePolicy Policy = new("traces", 60, TimeSpan.FromMinutes(1));

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly RateLimits _rates;

    public RateLimitsTests() => _rates = new RateLimits(new LocalRates(_time), shared: null);

    [Fact]
    public async Task TheWholeQuotaMayBeTakenAtOnceAndThenComesBackEvenly()
    {
        Assert.Equal(new RateDecision(true, 0, TimeSpan.FromMinutes(1)), await _rates.TakeAsync(Policy, "a", 60));
        Assert.Equal(new RateDecision(false, 0, TimeSpan.FromSeconds(1)), await _rates.TakeAsync(Policy, "a", 1));
        Assert.Equal(TimeSpan.FromSeconds(10), (await _rates.TakeAsync(Policy, "a", 10)).Reset);

        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True((await _rates.TakeAsync(Policy, "a", 10)).IsAllowed);
        Assert.False((await _rates.TakeAsync(Policy, "a", 1)).IsAllowed);

        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(59, (await _rates.TakeAsync(Policy, "a", 1)).Remaining);
    }

    [Fact]
    public async Task WhatIsRefusedCostsNothing()
    {
        await _rates.TakeAsync(Policy, "a", 50);
        for (int i = 0; i < 100; i++)
        {
            Assert.False((await _rates.TakeAsync(Policy, "a", 11)).IsAllowed);
        }

        Assert.Equal(0, (await _rates.TakeAsync(Policy, "a", 10)).Remaining);
    }

    [Fact]
    public async Task OnesFloodLeavesOthersAlone()
    {
        await _rates.TakeAsync(Policy, "a", 60);

        Assert.False((await _rates.TakeAsync(Policy, "a", 1)).IsAllowed);
        Assert.True((await _rates.TakeAsync(Policy, "b", 60)).IsAllowed);
        Assert.True((await _rates.TakeAsync(Policy with { Name = "requests" }, "a", 60)).IsAllowed);
    }

    [Fact]
    public async Task AfterAFloodOfCallersEachIsCountedAloneAgainHoweverManyGoOnComing()
    {
        for (int i = 0; i < 100_001; i++)
        {
            await _rates.TakeAsync(Policy, $"flood-{i}", 60);
        }

        for (int i = 0; i < 160; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(.5));
            await _rates.TakeAsync(Policy, $"late-{i}", 1);
        }

        Assert.True((await _rates.TakeAsync(Policy, "a", 60)).IsAllowed);
        Assert.True((await _rates.TakeAsync(Policy, "b", 60)).IsAllowed);
    }

    [Fact]
    public async Task MoreThanTheQuotaIsTheQuota()
    {
        Assert.True((await _rates.TakeAsync(Policy, "a", 1_000)).IsAllowed);
        Assert.Equal(TimeSpan.FromMinutes(1), (await _rates.TakeAsync(Policy, "a", 1_000)).Reset);
    }

    [Fact]
    public async Task ManyAtOnceGetNoMoreThanThereIs()
    {
        RateDecision[] decisions = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(async () => await _rates.TakeAsync(Policy, "a", 1))));

        Assert.Equal(60, decisions.Count(d => d.IsAllowed));
    }

    [Fact]
    public async Task AnyNumberOfCallersTakesLimitedRoom()
    {
        for (int i = 0; i < 100_000; i++)
        {
            await _rates.TakeAsync(Policy, $"{i}", 1);
        }

        // From here on newcomers share one quota, until others' are whole again.
        Assert.Equal(60, await AllowedOfAsync(100, "more"));
        Assert.Equal(58, (await _rates.TakeAsync(Policy, "5", 1)).Remaining);
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(100, await AllowedOfAsync(100, "later"));
    }

    private async Task<int> AllowedOfAsync(int callers, string name)
    {
        int allowed = 0;
        for (int i = 0; i < callers; i++)
        {
            allowed += (await _rates.TakeAsync(Policy, $"{name}{i}", 1)).IsAllowed ? 1 : 0;
        }

        return allowed;
    }
}
