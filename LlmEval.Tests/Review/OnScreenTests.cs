using LlmEval.Web.Review;

namespace LlmEval.Tests.Review;

public class OnScreenTests
{
    [Fact]
    public void ARenderThatIsOnItsWayIsNotSeenYet()
    {
        var screen = new OnScreen<string>();
        screen.Render("first");
        Assert.Null(screen.Now);
        screen.Acknowledge();

        screen.Render("second");
        screen.Render("third");
        Assert.Equal("first", screen.Now);

        screen.Acknowledge();
        Assert.Equal("second", screen.Now);
        screen.Acknowledge();
        Assert.Equal("third", screen.Now);
    }
}
