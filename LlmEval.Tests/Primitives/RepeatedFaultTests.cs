using LlmEval.Core.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Primitives;

public class RepeatedFaultTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void ItIsToldWhenItBeginsThenOnceAMinuteAndAnewAfterARest()
    {
        var fault = new RepeatedFault(_time);

        Assert.Equal(3, Enumerable.Range(0, 130).Count(_ => After(1)));
        Assert.False(After(10));
        Assert.True(After(16));

        bool After(int seconds)
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
            return fault.IsNews();
        }
    }
}
