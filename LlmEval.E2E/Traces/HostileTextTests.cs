using LlmEval.E2E.Support;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.Traces;

public class HostileTextTests(Browser browser, SharedServer shared) : IClassFixture<SharedServer>
{
    [Theory]
    [InlineData("<script>window.hacked = 1</script>")]
    [InlineData("<img src=\"http://evil.example/x.png\" onerror=\"window.hacked = 1\">")]
    [InlineData("\"><svg onload=\"window.hacked = 1\"><style>@import 'http://evil.example/x.css'</style>")]
    [InlineData("[click](javascript:window.hacked=1) {{constructor.constructor('window.hacked=1')()}}")]
    [InlineData("</title></textarea></pre><iframe src=\"http://evil.example\"></iframe>")]
    public async Task WhateverACallerSendsIsTextOnThePage(string text)
    {
        ServerProcess server = await shared.GetAsync(browser);
        string id = "hostile " + text;
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces");
        await server.PostTraceAsync(new
        {
            trace_id = id,
            model_name = text,
            user_query = text,
            ai_response = text,
            system_prompt = text,
            session_id = text,
            user_id = text,
            environment = text,
            tags = new[] { text },
            error = text,
            functions_called = new[] { new { name = text, result = text } },
            metadata = new Dictionary<string, string> { [text] = text },
        });

        await Expect(tab.Rows.First.Locator("a")).ToHaveTextAsync(text);
        await tab.Rows.First.Locator("a").ClickAsync();
        await Expect(tab.Details.Locator(".message.user .text")).ToContainTextAsync(Shown(text));
        await Expect(tab.Details.Locator(".id")).ToHaveTextAsync(id);
        await tab.GoToAsync("/traces?trace=" + Uri.EscapeDataString(id) + "&model_name=" + Uri.EscapeDataString(text));
        await Expect(tab.Details.Locator(".message.user .text")).ToContainTextAsync(Shown(text));

        Assert.False(await tab.Page.EvaluateAsync<bool>("'hacked' in window"));
        Assert.Equal(0, await tab.Page.Locator("main img, main iframe, main script, main style, main svg[onload]").CountAsync());
        tab.AssertAskedOnly(server.Url);
        tab.AssertNoErrors();
    }

    /// <summary>What is left of it as Markdown: of a link that leads nowhere good, its words.</summary>
    private static string Shown(string text) => text.StartsWith('[') ? "click" : text;
}
