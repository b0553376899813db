using System.Net.Http.Json;
using System.Text;
using LlmEval.E2E.Support;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.Shell;

/// <summary>Texts that would do harm as markup, or to the layout, in every field of a trace and of a verdict, on every page that shows them.</summary>
public class HostileEverywhereTests(Browser browser, SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Forbidden =
        "main img, main iframe, main script, main style:not(.apexcharts-canvas style), main object, main svg[onload], main [href^=javascript], main [onerror]";

    public static TheoryData<string, int> Texts => new(
        ("<script>window.hacked = 1</script><img src=\"http://evil.example/x.png\" onerror=\"window.hacked = 1\">", 1440),
        ("\"><svg onload=\"window.hacked = 1\"><style>@import 'http://evil.example/x.css'</style>", 390),
        ("[x](javascript:window.hacked=1) ![x](http://evil.example/x.png) {onclick=window.hacked=1} {{7*7}} {0.__class__} ${jndi:x} %n", 1440),
        ("\u202Eright to left\u202D \u001b[31mred\u001b[0m " + string.Concat(Enumerable.Repeat("\u200b", 300)) + "Z" + string.Concat(Enumerable.Repeat("\u0336", 60)), 390));

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task NothingRunsNothingIsAskedForAndTheLayoutHolds(string text, int width)
    {
        ServerProcess server = await shared.GetAsync(browser);
        string name = string.Concat(text.Where(c => !char.IsControl(c)).Take(200));
        string id = "everywhere " + name;
        await server.PostTraceAsync(new
        {
            trace_id = id,
            model_name = name,
            user_query = text,
            ai_response = text,
            system_prompt = text,
            session_id = name,
            user_id = name,
            environment = name,
            tags = new[] { name },
            error = text,
            cost = 1,
            functions_called = new[] { new { name, parameters = new Dictionary<string, string> { [name] = text }, result = text } },
            metadata = new Dictionary<string, string> { [name] = text },
        });
        foreach (string status in (string[])["rejected", "pending"])
        {
            using HttpResponseMessage judged = await server.Http.PostAsJsonAsync(
                "/api/evaluations",
                new { trace_id = id, status, reason = name, notes = text, evaluator = name, tags = new[] { name }, corrected_response = text },
                TestContext.Current.CancellationToken);
            Assert.True(judged.IsSuccessStatusCode, await judged.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        string q = Uri.EscapeDataString(name);
        await using BrowserTab tab = await browser.OpenAsync(server, "/?range=15m", new Look(width, 844));
        foreach ((string path, string shown) in ((string, string)[])
        [
            ("/?range=15m", ".chart svg"),
            ($"/traces?model_name={q}&session_id={q}&tag={q}&metadata.{q}={q}", ".toolbar .active"),
            ($"/traces?trace={Uri.EscapeDataString(id)}", ".details .message"),
            ($"/trace?trace_id={Uri.EscapeDataString(id)}", ".judge .earlier"),
            ($"/review?model_name={q}", ".pane:not([hidden]) .message"),
        ])
        {
            await tab.GoToAsync(path);
            await Expect(tab.Page.Locator(shown).First).ToBeVisibleAsync(new() { Timeout = 20_000 });
            await tab.AssertNoSidewaysScrollAsync();
            Assert.Equal(0, await tab.Page.Locator(Forbidden).CountAsync());
        }

        Assert.False(await tab.Page.EvaluateAsync<bool>("'hacked' in window"));
        tab.AssertAskedOnly(server.Url);
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task AFileThatCannotBeImportedIsToldOfAsText()
    {
        const string hostile = "<img src=x onerror=\"window.hacked = 1\">";
        ServerProcess server = await shared.GetAsync(browser);
        await using BrowserTab tab = await browser.OpenAsync(server, "/start");
        string line = System.Text.Json.JsonSerializer.Serialize(new { trace_id = hostile, model_name = 7, user_query = hostile, ai_response = hostile });

        await tab.Page.Locator("input[type=file]").SetInputFilesAsync(new Microsoft.Playwright.FilePayload
        {
            Name = hostile + ".jsonl",
            MimeType = "application/x-ndjson",
            Buffer = Encoding.UTF8.GetBytes(line + "\n"),
        });

        await Expect(tab.Page.GetByText(hostile).First).ToBeVisibleAsync();
        await tab.AssertNoSidewaysScrollAsync();
        Assert.Equal(0, await tab.Page.Locator(Forbidden).CountAsync());
        Assert.False(await tab.Page.EvaluateAsync<bool>("'hacked' in window"));
        tab.AssertNoErrors();
    }
}
