using Bunit;
using LlmEval.Web.Access;

namespace LlmEval.Tests.Access;

public sealed class ShownOnceTests : BunitContext
{
    [Fact]
    public void WhoeverMadeASecretGoesOnAtItOnceForEach()
    {
        IRenderedComponent<ShownOnce> card = Render("evk_one", "A key");
        JSInterop.VerifyFocusAsyncInvoke(1);

        card.Render(c => c.Add(x => x.Title, "The key"));
        JSInterop.VerifyFocusAsyncInvoke(1);

        card.Render(c => c.Add(x => x.Secret, "evk_two"));
        JSInterop.VerifyFocusAsyncInvoke(2);
        Assert.Equal("evk_two", card.Find("code").TextContent);
    }

    [Fact]
    public void WhoeverIsDoneGoesOnAtTheHeadingOfThePage()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;

        Render("evk_one", "A key").Find("button:not([data-copy])").Click();

        JSInterop.VerifyInvoke("llmevalViewer.focusHeading");
    }

    private IRenderedComponent<ShownOnce> Render(string secret, string title) => Render<ShownOnce>(card => card
        .Add(c => c.Id, "new-key")
        .Add(c => c.Title, title)
        .Add(c => c.Secret, secret)
        .AddChildContent("Copy it now."));
}
