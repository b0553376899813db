using Bunit;
using LlmEval.Tests.Support;
using LlmEval.Web.Live;
using LlmEval.Web.Review;

namespace LlmEval.Tests.Review;

public sealed class CurrentReviewerTests : BunitContext
{
    [Fact]
    public async Task ABrowserThatDoesNotAnswerIsAskedAgainAndThenNoMore()
    {
        JSRuntimeInvocationHandler<string?> name = JSInterop.Setup<string?>("llmevalViewer.name");
        name.SetCanceled();
        var reviewer = new CurrentReviewer(JSInterop.JSRuntime, new CircuitLink(), SomeViewer.Open);
        await reviewer.KnowAsync();
        Assert.Equal("", reviewer.Name);

        name.SetResult(" Ann ");
        await reviewer.KnowAsync();
        await reviewer.KnowAsync();
        Assert.Equal("Ann", reviewer.Name);
        Assert.Equal(2, name.Invocations.Count);
    }

    [Theory]
    [InlineData("Ada Lovelace", "AL")]
    [InlineData("  ada  ", "A")]
    [InlineData("Ada (sample)", "AS")]
    [InlineData("Ada - 2nd", "A2")]
    [InlineData("(-)", "?")]
    [InlineData("", "?")]
    public void InitialsAreLettersAndDigits(string name, string initials) => Assert.Equal(initials, CurrentReviewer.Initials(name));
}
