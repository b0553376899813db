using Bunit;
using LlmEval.Web.Shell;

namespace LlmEval.Tests.Shell;

public sealed class ShownOnceTests : BunitContext
{
    [Fact]
    public void WhatIsNewTakesTheFocusSoThatItIsAnnounced()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        IRenderedComponent<ShownOnce> shown = Render("first");
        JSInterop.VerifyFocusAsyncInvoke(1);

        shown.Render(p => p.Add(x => x.Title, "Its other name"));
        JSInterop.VerifyFocusAsyncInvoke(1);

        shown.Render(With("second"));
        JSInterop.VerifyFocusAsyncInvoke(2);
        Assert.Equal("second", shown.Find("code").TextContent);
        Assert.Equal("-1", shown.Find("h2").GetAttribute("tabindex"));
        Assert.Equal("Copy it now.", shown.Find($"#{shown.Find("h2").GetAttribute("aria-describedby")}").TextContent);
    }

    [Fact]
    public void WhoeverIsDoneGoesOnAtTheHeadingOfThePage()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;

        Render("first").Find("button:not([data-copy])").Click();

        JSInterop.VerifyInvoke("llmevalViewer.focusHeading");
    }

    private IRenderedComponent<ShownOnce> Render(string value) => Render<ShownOnce>(With(value));

    private static Action<ComponentParameterCollectionBuilder<ShownOnce>> With(string value) => parameters => parameters
        .Add(p => p.Id, "new-key")
        .Add(p => p.Title, "The new key")
        .Add(p => p.Value, value)
        .AddChildContent("Copy it now.");
}
