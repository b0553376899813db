using Bunit;
using LlmEval.Web.Live;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace LlmEval.Tests.Live;

public sealed class SteadyComponentTests : BunitContext
{
    private readonly List<string> _said = [];

    [Fact]
    public void ItIsRenderedAgainWhenAParameterHasAnotherValueAndNotWithItsPage()
    {
        IRenderedComponent<Page> page = Render<Page>(p => p.Add(x => x.Shown, new Shown("a", 1)).Add(x => x.Chosen, _said.Add));
        IRenderedComponent<Part> part = page.FindComponent<Part>();

        page.Render(p => p.Add(x => x.Shown, new Shown("a", 1)));
        Assert.Equal(1, part.RenderCount);

        page.Render(p => p.Add(x => x.Shown, new Shown("b", 1)));
        Assert.Equal(2, part.RenderCount);
        Assert.Equal("b", part.Find("button").TextContent);
    }

    [Fact]
    public void WhatHappensWithinItIsShown()
    {
        IRenderedComponent<Page> page = Render<Page>(p => p.Add(x => x.Shown, new Shown("a", 1)).Add(x => x.Chosen, _said.Add));

        page.Find("button").Click();

        Assert.Equal("a, clicked", page.Find("button").TextContent);
        Assert.Equal(["a"], _said);
    }

    private sealed record Shown(string Name, int Count);

    private sealed class Page : ComponentBase
    {
        [Parameter]
        public required Shown Shown { get; set; }

        [Parameter]
        public EventCallback<string> Chosen { get; set; }

        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            builder.OpenComponent<Part>(0);
            builder.AddComponentParameter(1, nameof(Part.Shown), Shown);
            builder.AddComponentParameter(2, nameof(Part.Chosen), EventCallback.Factory.Create<string>(this, ChooseAsync));
            builder.CloseComponent();
        }

        private Task ChooseAsync(string name) => Chosen.InvokeAsync(name);
    }

    private sealed class Part : SteadyComponent
    {
        private bool _clicked;

        [Parameter]
        public required Shown Shown { get; set; }

        [Parameter]
        public EventCallback<string> Chosen { get; set; }

        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            builder.OpenElement(0, "button");
            builder.AddAttribute(1, "onclick", EventCallback.Factory.Create(this, ClickAsync));
            builder.AddContent(2, Shown.Name + (_clicked ? ", clicked" : ""));
            builder.CloseElement();
        }

        private Task ClickAsync()
        {
            _clicked = true;
            return Chosen.InvokeAsync(Shown.Name);
        }
    }
}
