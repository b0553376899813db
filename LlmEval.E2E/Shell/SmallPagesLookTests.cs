using LlmEval.E2E.Support;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.Shell;

[Collection<OneServer>]
public class SmallPagesLookTests(Browser browser, SharedServer shared)
{
    private static readonly (string Path, string Heading)[] Pages =
    [
        ("/settings/keys", "API keys"),
        ("/settings/projects", "Projects"),
        ("/settings/signatures", "Webhook signatures"),
        ("/no/such/page", "There is no such page"),
    ];

    [Theory]
    [InlineData(1440, true)]
    [InlineData(390, false)]
    public async Task TheyAreAccessibleAndFitTheirScreen(int width, bool dark)
    {
        ServerProcess server = await shared.GetAsync(browser);
        await using BrowserTab tab = await browser.NewTabAsync(server, new Look(width, 844, dark));
        foreach ((string path, string heading) in Pages)
        {
            await tab.GoToAsync(path);
            await Expect(tab.Page.Locator("main h1")).ToHaveTextAsync(heading);
            await Expect(tab.Page.GetByText("Loading…")).ToHaveCountAsync(0);
            await tab.AssertNoSidewaysScrollAsync();
            await tab.AssertAccessibleAsync();
        }
    }

    [Fact]
    public async Task OnAPhoneButtonsAndFieldsAreLargeEnoughForAThumb()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("thumb"));
        await using BrowserTab tab = await browser.NewTabAsync(server, new Look(390, 844));
        (string Path, string WhenThere)[] pages =
        [
            .. Pages.Select(page => (page.Path, "main h1")),
            ("/", ".ranges"), ("/traces", "tr[data-trace]"), ("/traces/thumb", "#texts"), ("/review", "textarea[name=notes]"),
            ("/alerts", "main h1"), ("/settings", "main form"), ("/settings/webhooks", "main h1"),
        ];
        foreach ((string path, string whenThere) in pages)
        {
            await tab.GoToAsync(path);
            await Expect(tab.Page.Locator(whenThere).First).ToBeAttachedAsync();
            await Expect(tab.Page.GetByText("Loading…").Locator("visible=true")).ToHaveCountAsync(0);
            string[] small = await tab.Page.EvaluateAsync<string[]>("""
                [...document.querySelectorAll('.btn, .icon-btn, .chip, select, textarea, .ranges > *, input:not([type=checkbox], [type=radio], [type=hidden])')]
                    .map(found => [found, (found.closest('label.find') ?? found).getBoundingClientRect()])
                    .filter(([found, box]) => box.width > 1 && box.height < 44 && getComputedStyle(found).visibility === 'visible')
                    .map(([found, box]) => `${found.tagName} ${found.className} ${found.textContent.trim()} ${box.height}`)
                """);
            Assert.True(small.Length == 0, $"{path}: {string.Join(", ", small)}");
        }
    }
}
