using LlmEval.Tests.Support;
using LlmEval.Web.Review;

namespace LlmEval.Tests.Review;

public class ReviewPaceTests
{
    [Fact]
    public void OneVerdictHasNoPace()
    {
        Assert.Null(ReviewPace.Mean([]));
        Assert.Null(ReviewPace.Mean(At(0)));
    }

    [Fact]
    public void ItIsTheMeanTimeBetweenVerdictsWithoutBreaks()
    {
        Assert.Equal(TimeSpan.FromSeconds(15), ReviewPace.Mean(At(0, 10, 30)));
        Assert.Equal(TimeSpan.FromSeconds(15), ReviewPace.Mean(At(0, 10, 30, 30 + 301)));
        Assert.Equal(TimeSpan.FromSeconds(300), ReviewPace.Mean(At(0, 300)));
        Assert.Null(ReviewPace.Mean(At(0, 301)));
    }

    [Fact]
    public void OnlyTheLastVerdictsCount()
    {
        int[] slowThenQuick = [.. Enumerable.Range(0, 10).Select(i => i * 100), .. Enumerable.Range(1, 20).Select(i => 900 + (i * 2))];
        Assert.Equal(TimeSpan.FromSeconds(2), ReviewPace.Mean(At(slowThenQuick)));
    }

    [Theory]
    [InlineData(0.2, "1 s")]
    [InlineData(18.4, "18 s")]
    [InlineData(125, "2 min 05 s")]
    [InlineData(59.7, "1 min 00 s")]
    public void ItIsToldInSecondsOrMinutes(double seconds, string text) => Assert.Equal(text, ReviewPace.Text(TimeSpan.FromSeconds(seconds)));

    private static DateTime[] At(params int[] seconds) => [.. seconds.Select(s => SomeTrace.Now.AddSeconds(s))];
}
