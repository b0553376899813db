using LlmEval.E2E.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.Review;

/// <summary>What a reviewer sees and presses.</summary>
internal static class ReviewTab
{
    extension(BrowserTab tab)
    {
        public IKeyboard Keys => tab.Page.Keyboard;

        /// <summary>The trace that is shown.</summary>
        public ILocator Pane => tab.Page.Locator(".pane:not([hidden])");

        public ILocator Queued(string traceId) => tab.Page.Locator($"[data-queued=\"{traceId}\"]");

        public ILocator Notices => tab.Page.Locator(".notices");

        /// <summary>What the reviewer is called, before a page asks.</summary>
        public Task NameAsync(string name) => tab.Page.EvaluateAsync("name => localStorage.setItem('reviewer', name)", name);

        public async Task<string> CurrentAsync() =>
            await tab.Page.Locator(".review[data-current]").GetAttributeAsync("data-current") ?? throw new InvalidOperationException("No trace is shown.");

        /// <param name="script">True when it has come to that.</param>
        public async Task UntilAsync(string script)
        {
            for (int i = 0; !await tab.Page.EvaluateAsync<bool>(script); i++)
            {
                Assert.True(i < 100, $"It did not come to that: {script}");
                await tab.Page.WaitForTimeoutAsync(50);
            }
        }

        /// <summary>Until the page shows this trace, and its panel listens.</summary>
        public async Task ShowsAsync(string traceId)
        {
            await Expect(tab.Page.Locator(".review")).ToHaveAttributeAsync("data-current", traceId);
            await Expect(tab.Page.Locator("form.judge")).ToHaveAttributeAsync("data-trace", traceId);
        }
    }
}
