using Bunit;
using LlmEval.Core.Retention;
using LlmEval.Tests.Support;
using LlmEval.Web.Live;
using LlmEval.Web.Settings;
using LlmEval.Web.Shell;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.JSInterop;

namespace LlmEval.Tests.Settings;

public sealed class RetentionFormTests : BunitContext
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly WatchedClock _time = new();
    private RetentionPolicy _stored = new() { ProjectId = 1 };
    private bool _away;

    public RetentionFormTests()
    {
        _time.SetUtcNow(new DateTimeOffset(SomeTrace.Now));
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton<TimeProvider>(_time);
        Services.AddScoped(provider => new ViewerTime(provider.GetRequiredService<IJSRuntime>(), new CircuitLink(), _time));
        Services.AddSingleton(new RetentionReads(
            1,
            _ => _away ? throw new TimeoutException() : Task.FromResult(_stored),
            (_, _) => _away ? throw new TimeoutException() : Task.FromResult(new RetentionPreview(100, 0, null, null)),
            (policy, _, _) =>
            {
                _stored = policy;
                return Task.FromResult(true);
            }));
    }

    [Fact]
    public async Task AFormThatIsOpenedDuringAnOutageIsFilledAfterIt()
    {
        _away = true;
        IRenderedComponent<RetentionForm> form = Render<RetentionForm>();
        form.WaitForAssertion(() => Assert.Contains("tries again by itself", form.Find(".preview").TextContent, StringComparison.Ordinal), Patience);
        Assert.True(form.Find("input").HasAttribute("disabled"));

        _away = false;
        await _time.PassAsync(TimeSpan.FromSeconds(1));

        form.WaitForAssertion(() => Assert.Contains("Nothing would go", form.Markup, StringComparison.Ordinal), Patience);
        Assert.False(form.Find("input").HasAttribute("disabled"));
    }

    [Fact]
    public void WhatWasTypedDuringAnOutageIsSavedAfterIt()
    {
        IRenderedComponent<RetentionForm> form = Render<RetentionForm>();
        form.WaitForAssertion(() => Assert.Contains("Nothing would go", form.Markup, StringComparison.Ordinal), Patience);
        _away = true;
        form.Find("input").Input("10");
        _time.Advance(TimeSpan.FromSeconds(1));
        form.WaitForAssertion(() => Assert.Contains("cannot be reached", form.Find(".message").TextContent, StringComparison.Ordinal), Patience);

        _away = false;
        Assert.False(form.Find("button[type=submit]").HasAttribute("disabled"));
        form.Find("form").Submit();

        form.WaitForAssertion(() => Assert.Equal("Saved.", form.Find(".message").TextContent), Patience);
        Assert.Equal(10, _stored.MaxDays);
    }
}
