using LlmEval.Core.Rollups;

namespace LlmEval.Tests.Rollups;

public class HistogramTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.95)]
    [InlineData(0.99)]
    [InlineData(1)]
    public void AQuantileIsAtMostTwoPercentOff(double share)
    {
        var random = new Random(7);
        double[] values = [.. Enumerable.Range(0, 20_000).Select(_ => Math.Exp(random.NextDouble() * 14) * 0.2)];
        var histogram = new Histogram();
        foreach (double value in values)
        {
            histogram.Add(value, 1);
        }

        Array.Sort(values);
        double exact = values[(int)Math.Ceiling(share * values.Length) - 1];
        Assert.InRange(histogram.Quantile(share)!.Value / exact, 0.98, 1.02);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    [InlineData(3_600_000)]
    [InlineData(1e12)]
    public void ExtremesAreClampedIntoTheRange(double value) => Assert.InRange(Histogram.BucketOf(value), 0, Histogram.Buckets - 1);

    [Fact]
    public void PackingKeepsEveryCount()
    {
        var histogram = new Histogram();
        histogram.Add(0.1, 3);
        histogram.Add(850, 1_000_000_000_000);
        histogram.Add(1e9, -2);

        Assert.Equal(histogram.Counts, Histogram.Unpack(histogram.Pack()).Counts);
        Assert.Empty(Histogram.Unpack(new Histogram().Pack()).Counts);
    }

    [Fact]
    public void TakingAwayWhatWasAddedLeavesNothing()
    {
        var histogram = new Histogram();
        histogram.Add(12, 5);
        var minus = new Histogram();
        minus.Add(12, -5);
        histogram.Add(minus);

        Assert.Empty(histogram.Counts);
        Assert.Null(histogram.Quantile(0.5));
    }
}
