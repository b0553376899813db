using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Web.Review;

namespace LlmEval.Tests.Review;

public class ReviewAddressTests
{
    [Fact]
    public void AllThatWaitsNewestFirstNeedsNoQuery()
    {
        var usual = new ReviewScope(TraceFilter.Everything, ReviewOrder.Newest);
        Assert.Equal("review", ReviewAddress.Of(usual));
        Assert.True(ReviewAddress.Parse("review") is { Order: ReviewOrder.Newest, Size: null, IsOfWholeModels: true });
    }

    [Fact]
    public void EverythingThatIsChosenIsInTheAddressAndReadBack()
    {
        var scope = new ReviewScope(
            TraceFilter.Everything with
            {
                Statuses = [EvaluationStatus.Rejected],
                ModelNames = ["a&b", "c"],
                Tags = ["x y"],
                Text = "\"late order\" -refund",
                HasError = true,
                Share = 0.125,
                To = new DateTime(2026, 5, 4, 12, 0, 0, 123, DateTimeKind.Utc),
                Metadata = [new("data set", "x=y")],
            },
            ReviewOrder.Worst)
        { Size = 50 };

        string url = ReviewAddress.Of(scope);
        ReviewScope read = ReviewAddress.Parse("http://localhost/" + url + "#here");

        Assert.StartsWith("review?order=worst&size=50&share=12.5&status=rejected&model_name=a%26b&model_name=c&", url, StringComparison.Ordinal);
        Assert.Equal(url, ReviewAddress.Of(read));
        Assert.Equal((ReviewOrder.Worst, 50, 0.125, scope.Filter.Text, scope.Filter.To), (read.Order, read.Size, read.Filter.Share, read.Filter.Text, read.Filter.To));
    }

    [Theory]
    [InlineData("review?order=sideways&size=-3&share=100&status=nonsense&from=yesterday&unknown=1")]
    [InlineData("review?order=7&size=1e9&share=0&has_error=maybe")]
    [InlineData("review?size=99999999999999999999&share=NaN")]
    public void WhatMakesNoSenseIsPassedOver(string url) => Assert.Equal("review", ReviewAddress.Of(ReviewAddress.Parse(url)));

    [Fact]
    public void NobodyPicksMoreThanCanBeKept() => Assert.Equal(ReviewScope.MostPicked, ReviewAddress.Parse("review?size=5000").Size);
}
