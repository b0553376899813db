using LlmEval.Web.People;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.People;

public class SignInThrottleTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SignInThrottle _throttle;

    public SignInThrottleTests() => _throttle = new SignInThrottle(_time);

    [Fact]
    public void AfterTenAttemptsAnAccountIsTriedEveryTwentySeconds()
    {
        Assert.Equal(10, Enumerable.Range(0, 15).Count(i => Counts("a@example.com", $"10.0.0.{i}")));

        _time.Advance(TimeSpan.FromSeconds(20));

        Assert.True(Counts("a@example.com", "10.0.0.99"));
        Assert.False(Counts("a@example.com", "10.0.0.99"));
        Assert.True(Counts("b@example.com", "10.0.0.99"));
    }

    [Fact]
    public void AnAddressThatTriesManyAccountsIsSlowedDownToo() =>
        Assert.Equal(30, Enumerable.Range(0, 40).Count(i => Counts($"{i}@example.com", "10.0.0.1")));

    [Fact]
    public void AGuesserDoesNotKeepOutWhoIsSignedInFromElsewhere()
    {
        foreach (int i in Enumerable.Range(0, 50))
        {
            Counts("a@example.com", $"10.0.0.{i}");
        }

        Assert.Equal(TimeSpan.Zero, _throttle.Take("a@example.com", "192.168.0.7", known: "192.168.0.7"));
    }

    [Fact]
    public void WhoGetsItRightStartsAnew()
    {
        foreach (int round in Enumerable.Range(0, 20))
        {
            Assert.True(Counts("a@example.com", "10.0.0.1"), $"Round {round}");
            _throttle.Forgive("a@example.com", "10.0.0.1", known: null);
        }
    }

    [Fact]
    public void ARefusalIsWrittenDownOnceAMinuteForAnAccountAndForAnAddress()
    {
        Assert.True(_throttle.IsNews("a@example.com", "10.0.0.1"));
        Assert.False(_throttle.IsNews("b@example.com", "10.0.0.1"));
        Assert.False(_throttle.IsNews("a@example.com", "10.0.0.2"));
        Assert.True(_throttle.IsNews("c@example.com", "10.0.0.3"));

        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.True(_throttle.IsNews("b@example.com", "10.0.0.1"));
    }

    [Fact]
    public void WhatIsOverIsForgottenOnceASecondAtMost()
    {
        foreach (int i in Enumerable.Range(0, 11_000))
        {
            Counts($"{i}@example.com", $"10.0.{i / 250}.{i % 250}");
        }

        _time.Advance(TimeSpan.FromSeconds(3.5));
        Counts("a@example.com", "192.168.0.1");
        _time.Advance(TimeSpan.FromSeconds(.6));

        // The addresses are over, but it was looked for what is not long ago.
        Counts("b@example.com", "192.168.0.2");
        Assert.Equal(22_004, _throttle.Remembered);

        _time.Advance(TimeSpan.FromSeconds(.5));
        Counts("c@example.com", "192.168.0.3");
        Assert.Equal(11_006, _throttle.Remembered);
    }

    private bool Counts(string email, string address) => _throttle.Take(email, address, known: null) == TimeSpan.Zero;
}
