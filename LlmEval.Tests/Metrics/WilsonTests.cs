using LlmEval.Core.Metrics;

namespace LlmEval.Tests.Metrics;

public class WilsonTests
{
    [Theory]
    [InlineData(8, 10, 0.4901625, 0.9433178)]
    [InlineData(0, 10, 0, 0.2775328)]
    [InlineData(10, 10, 0.7224672, 1)]
    [InlineData(850, 1000, 0.8265313, 0.8707899)]
    [InlineData(0, 0, 0, 1)]
    public void TheIntervalIsWilsons(long hits, long total, double low, double high)
    {
        Wilson interval = Wilson.Of(hits, total);

        Assert.Equal(low, interval.Low, 1e-5);
        Assert.Equal(high, interval.High, 1e-5);
    }
}
