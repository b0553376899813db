using LlmEval.Web.Metrics;

namespace LlmEval.Tests.Metrics;

public class SparkPathTests
{
    [Fact]
    public void ACurveFillsItsBoxAndBridgesGaps()
    {
        Assert.Equal(("M0 29L100 3", "M0 29L100 3L100 30L0 30Z"), SparkPath.Of([0, null, 10]));
        Assert.Equal("M0 29L100 29", SparkPath.Of([0, 0]).Line);
    }

    [Fact]
    public void OneValueIsDrawnWhereItIs()
    {
        Assert.Equal("M25 3L75 3", SparkPath.Of([null, 7, null]).Line);
        Assert.Equal("M75 3L100 3", SparkPath.Of([null, null, 7]).Line);
    }

    [Fact]
    public void NothingIsNoCurve() => Assert.Equal(("", ""), SparkPath.Of([null, null]));
}
