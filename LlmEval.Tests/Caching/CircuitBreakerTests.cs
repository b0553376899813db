using LlmEval.Core.Caching;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Caching;

public class CircuitBreakerTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void ItOpensAfterFailuresInARow()
    {
        var breaker = new CircuitBreaker(_time);
        breaker.Failed();
        breaker.Failed();
        breaker.Succeeded();
        breaker.Failed();
        breaker.Failed();
        Assert.True(breaker.Allows());

        breaker.Failed();

        Assert.True(breaker.IsOpen);
        Assert.False(breaker.Allows());
    }

    [Fact]
    public void WhoLeavesBeforeTheAnswerSaysNothingOfIt()
    {
        var closed = new CircuitBreaker(_time);
        Enumerable.Range(0, CircuitBreaker.Failures).ToList().ForEach(_ => closed.GiveUp());
        CircuitBreaker opened = Opened();
        _time.Advance(CircuitBreaker.Pause);
        Assert.True(opened.Allows());
        opened.GiveUp();

        Assert.True(closed.Allows());
        Assert.True(opened.IsOpen);
        Assert.True(opened.Allows());
    }

    [Fact]
    public void AfterAPauseOneCallFindsOut()
    {
        CircuitBreaker breaker = Opened();
        _time.Advance(CircuitBreaker.Pause);

        Assert.True(breaker.Allows());
        Assert.False(breaker.Allows());
        breaker.Succeeded();
        Assert.False(breaker.IsOpen);
        Assert.True(breaker.Allows());
    }

    [Fact]
    public void ATrialThatFailsBeginsANewPause()
    {
        CircuitBreaker breaker = Opened();
        _time.Advance(CircuitBreaker.Pause);
        Assert.True(breaker.Allows());
        breaker.Failed();

        _time.Advance(CircuitBreaker.Pause / 2);
        Assert.False(breaker.Allows());
        _time.Advance(CircuitBreaker.Pause / 2);
        Assert.True(breaker.Allows());
    }

    private CircuitBreaker Opened()
    {
        var breaker = new CircuitBreaker(_time);
        for (int i = 0; i < CircuitBreaker.Failures; i++)
        {
            breaker.Failed();
        }

        return breaker;
    }
}
