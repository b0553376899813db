using LlmEval.E2E.Support;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.Traces;

public class FirstTraceTests(Browser browser)
{
    [Fact]
    public async Task TheEmptyPageSaysHowToBeginAndTurnsIntoTheListWithTheFirstTrace()
    {
        browser.Require();
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces");

        await Expect(tab.Page.GetByText("Waiting for the first trace")).ToBeVisibleAsync();
        await Expect(tab.Page.Locator("#first-snippet")).ToContainTextAsync($"curl {server.Url}/webhook/trace");
        await Expect(tab.Page.Locator("#first-python")).ToContainTextAsync($"pip install {server.Url}/sdk/llm_eval_sdk-");
        await Expect(tab.Page.Locator("#first-script")).ToContainTextAsync($"npm install {server.Url}/sdk/llm-eval-sdk-");
        await tab.AssertAccessibleAsync();

        await server.PostTraceAsync(SomeTrace.With("t-first"));

        await Expect(tab.Row("t-first")).ToBeVisibleAsync();
        await Expect(tab.Page.GetByText("Waiting for the first trace")).ToHaveCountAsync(0);
        tab.AssertNoErrors();
    }
}
