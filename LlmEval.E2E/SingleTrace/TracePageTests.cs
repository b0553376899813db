using System.Net.Http.Json;
using LlmEval.E2E.Review;
using LlmEval.E2E.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.SingleTrace;

public class TracePageTests(Browser browser, SharedServer shared) : IClassFixture<SharedServer>
{
    [Theory]
    [InlineData(1440, true)]
    [InlineData(390, false)]
    public async Task ThePageIsAccessibleAndFitsItsScreen(int width, bool dark)
    {
        ServerProcess server = await shared.GetAsync(browser);
        string id = $"fits-{width}-{dark}";
        await server.PostTraceAsync(SomeTrace.With(
            id,
            ("system_prompt", "You are the support assistant."),
            ("ai_response", "Your order is **delayed**.\n\n| Choice | Time |\n|---|--:|\n| Keep | 1 |\n\n```\n" + new string('x', 300) + "\n```\n[more](https://example.org)"),
            ("functions_called", new object[] { new { name = "lookup_order", parameters = new { order_id = 48213 }, result = new { status = "delayed", note = (string?)null }, duration_ms = 212 }, new { name = "search", error = "timeout" } }),
            ("metadata", new { dataset = "support", nested = new { a = 1 } }),
            ("session_id", "session-fits"),
            ("tags", new[] { "refund" }),
            ("error", "Timeout")));
        await server.EvaluateAsync(id, "rejected");
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces/" + id, new Look(width, 844, dark));

        await Expect(tab.Page.Locator(".prose table")).ToBeVisibleAsync();
        await tab.AssertNoSidewaysScrollAsync();
        await tab.AssertAccessibleAsync();
        await tab.GoToAsync($"/traces/{id}?view=json");
        await Expect(tab.Page.Locator(".whole pre")).ToContainTextAsync("\"evaluation_status\": \"rejected\"");
        await tab.AssertNoSidewaysScrollAsync();
        await tab.AssertAccessibleAsync();
        tab.AssertNoErrors();
        tab.AssertAskedOnly(server.Url);
    }

    [Fact]
    public async Task ATraceIsDeletedByHand()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("unwanted"));
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces/unwanted");

        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        await Expect(tab.Page.GetByText("there is no way back")).ToBeVisibleAsync();
        ILocator keep = tab.Page.GetByRole(AriaRole.Button, new() { Name = "Keep it" });
        await Expect(keep).ToBeFocusedAsync();
        await Expect(keep).ToBeInViewportAsync();
        await tab.AssertAccessibleAsync();
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab.Page.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true })).ToBeFocusedAsync();
        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Delete it" }).ClickAsync();

        await Expect(tab.Page.GetByText("This trace was deleted")).ToBeVisibleAsync();
        using HttpResponseMessage answer = await server.Http.GetAsync("/api/traces/unwanted", TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task AVerdictIsOneKeyAndNotesOfAMegabyteAreKept()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("judged"));
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces/judged");
        ILocator status = tab.Page.Locator(".head .st");
        await Expect(status).ToHaveTextAsync("Pending");
        await Expect(tab.Page.Locator("form.judge")).ToBeVisibleAsync();

        await tab.Page.Keyboard.PressAsync("a");
        await Expect(status).ToHaveTextAsync("Accepted");

        await tab.Page.Keyboard.PressAsync("n");
        ILocator notes = tab.Page.GetByLabel("Notes");
        await Expect(notes).ToBeFocusedAsync();
        await tab.Page.Keyboard.TypeAsync("jar");
        await Expect(notes).ToHaveValueAsync("jar");
        await tab.Page.EvaluateAsync("document.querySelector('textarea[name=notes]').value = 'long '.repeat(200_000)");
        await tab.Page.Keyboard.PressAsync("Escape");
        await tab.Page.Keyboard.PressAsync("r");
        await tab.Page.Keyboard.PressAsync("2");

        await Expect(status).ToHaveTextAsync("Rejected");
        await Expect(notes).ToHaveValueAsync("");
        string detail = await server.Http.GetStringAsync("/api/traces/judged", TestContext.Current.CancellationToken);
        Assert.Contains(string.Concat(Enumerable.Repeat("long ", 199_999)), detail, StringComparison.Ordinal);
        Assert.Contains("Wrong answer", detail, StringComparison.Ordinal);

        await tab.Page.Keyboard.PressAsync("z");
        await Expect(status).ToHaveTextAsync("Accepted");
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task AnIdealAnswerIsWrittenHereTooAndSurvivesAReload()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("ideal"));
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces/ideal");
        await Expect(tab.Page.Locator("form.judge")).ToBeVisibleAsync();
        await tab.Page.Keyboard.PressAsync("e");
        ILocator ideal = tab.Page.Locator("textarea[name=ideal]");
        await Expect(ideal).ToHaveValueAsync("Answer to ideal");
        await ideal.FillAsync("A better answer");
        await tab.AssertNoSidewaysScrollAsync();
        await Expect(ideal).ToHaveValueAsync("A better answer");
        await tab.UntilAsync("sessionStorage.getItem('draft ideal')?.includes('better') === true");

        await tab.Page.ReloadAsync();
        await tab.UntilInteractiveAsync();
        await Expect(ideal).ToHaveValueAsync("A better answer");
        await tab.Page.Keyboard.PressAsync("Escape");
        await tab.Page.Keyboard.PressAsync("a");

        await Expect(tab.Page.Locator(".head .st")).ToHaveTextAsync("Accepted");
        Assert.Contains("A better answer", await server.Http.GetStringAsync("/api/traces/ideal", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task WhatIsTypedWhileAVerdictIsSavedIsNotLost()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("hasty"));
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces/hasty");
        ILocator notes = tab.Page.GetByLabel("Notes");
        await notes.FillAsync("before");
        await tab.Page.Keyboard.PressAsync("Escape");
        await tab.Page.Keyboard.PressAsync("a");
        await tab.Page.Keyboard.PressAsync("n");
        await tab.Page.Keyboard.TypeAsync("after", new() { Delay = 20 });

        await Expect(tab.Page.Locator("[aria-labelledby=history-title]")).ToContainTextAsync("before");
        await Expect(notes).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("after$"));
    }

    [Fact]
    public async Task WhoIsQuickerThanThePanelsScriptGoesOnTypingInTheNextPanelToo()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("quick"));
        await using BrowserTab tab = await browser.NewTabAsync(server);
        var typing = new TaskCompletionSource();
        await tab.Page.RouteAsync("**/JudgePanel.razor*.js", async route =>
        {
            await typing.Task;
            await route.ContinueAsync();
        });
        await tab.GoToAsync("/traces/quick");
        await Expect(tab.Page.Locator("form.judge")).ToBeVisibleAsync();
        await tab.Page.Keyboard.PressAsync("a");
        await tab.Page.Keyboard.PressAsync("n");
        ILocator notes = tab.Page.GetByLabel("Notes");
        await Expect(notes).ToBeFocusedAsync();
        typing.SetResult();

        await Expect(tab.Page.Locator(".head .st")).ToHaveTextAsync("Accepted");
        await Expect(notes).ToBeFocusedAsync();
        await tab.Page.Keyboard.TypeAsync("later");
        await Expect(notes).ToHaveValueAsync("later");
    }

    [Fact]
    public async Task TagsOfAnEarlierVerdictAreNotTakenForThoseOfTheNext()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("tagged"));
        using HttpResponseMessage judged = await server.Http.PostAsJsonAsync(
            "/api/evaluations", new { trace_id = "tagged", status = "rejected", tags = new[] { "earlier" } }, TestContext.Current.CancellationToken);
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces/tagged");
        await Expect(tab.Page.Locator(".earlier .tag")).ToHaveTextAsync("earlier");

        await tab.Page.GetByLabel("Notes").PressSequentiallyAsync("a second look");
        await tab.UntilAsync("sessionStorage.getItem('draft tagged')?.includes('second look') === true");
        await tab.Page.ReloadAsync();

        await Expect(tab.Page.GetByLabel("Notes")).ToHaveValueAsync("a second look");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Accept" }).ClickAsync();
        await Expect(tab.Page.Locator(".earlier .tag")).ToHaveTextAsync(["earlier"]);
        await Expect(tab.Page.Locator("[aria-labelledby=history-title]")).ToContainTextAsync("a second look");
        await Expect(tab.Page.Locator(".earlier .tag")).ToHaveTextAsync(["earlier"]);
    }

    [Fact]
    public async Task AVerdictElsewhereShowsAtOnceAndLeavesWhatIsTyped()
    {
        ServerProcess server = await shared.GetAsync(browser);
        await server.PostTraceAsync(SomeTrace.With("watched"));
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces/watched");
        await tab.Page.GetByLabel("Notes").FillAsync("half a thought");

        await server.EvaluateAsync("watched", "rejected");

        await Expect(tab.Page.Locator(".head .st")).ToHaveTextAsync("Rejected");
        await Expect(tab.Page.GetByLabel("Notes")).ToHaveValueAsync("half a thought");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Accept" }).ClickAsync();
        await Expect(tab.Page.Locator(".head .st")).ToHaveTextAsync("Accepted");
        await Expect(tab.Page.Locator("[aria-labelledby=history-title]")).ToContainTextAsync("half a thought");
        await Expect(tab.Page.GetByLabel("Notes")).ToHaveValueAsync("");
    }

    [Fact]
    public async Task KeysMoveWithinTheListAndTheSearchIsMarked()
    {
        ServerProcess server = await shared.GetAsync(browser);
        foreach (string id in (string[])["way-1", "way-2", "way/3"])
        {
            await server.PostTraceAsync(SomeTrace.With(id, ("model_name", "way"), ("ai_response", "One **needle** and a second Needle.")));
        }

        await using BrowserTab tab = await browser.OpenAsync(server, "/traces/way-2?model_name=way&q=needle");
        ILocator heading = tab.Page.Locator("h1");
        await Expect(heading).ToHaveTextAsync("Question of way-2");
        await Expect(tab.Page.Locator(".find output")).ToHaveTextAsync("2 found");
        Assert.Equal(2, await tab.Page.EvaluateAsync<int>("CSS.highlights.get('find').size"));

        await tab.Page.Keyboard.PressAsync("k");
        await Expect(heading).ToHaveTextAsync("Question of way/3");
        await Expect(tab.Page).ToHaveURLAsync(server.Url + "/trace?trace_id=way%2F3&model_name=way&q=needle");
        await tab.Page.ReloadAsync();
        await tab.UntilInteractiveAsync();
        await Expect(heading).ToHaveTextAsync("Question of way/3");
        await tab.Page.Keyboard.PressAsync("j");
        await Expect(heading).ToHaveTextAsync("Question of way-2");
        await tab.Page.Keyboard.PressAsync("j");
        await Expect(heading).ToHaveTextAsync("Question of way-1");
        await tab.Page.Keyboard.PressAsync("Escape");
        await Expect(tab.Page).ToHaveURLAsync(server.Url + "/traces?model_name=way&q=needle");
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task WhateverACallerSendsIsHarmless()
    {
        ServerProcess server = await shared.GetAsync(browser);
        string[] texts =
        [
            "<script>window.hacked = 1</script>",
            "<img src=\"http://evil.example/x.png\" onerror=\"window.hacked = 1\"><svg onload=\"window.hacked = 1\"><style>@import 'http://evil.example/x.css'</style>",
            "![x](http://evil.example/x.png) [x](javascript:window.hacked=1) <javascript:window.hacked=1> {onclick=window.hacked=1}\n\n[r]: javascript:window.hacked=1\n[r]",
            "\u202Eright to left\u202D \u001b[31mred\u001b[0m " + new string('\u200b', 5_000) + "Z" + new string('\u0336', 500),
            new string('W', 1 << 20),
        ];
        for (int i = 0; i < texts.Length; i++)
        {
            string text = texts[i];
            string name = NameOf(text);
            await server.PostTraceAsync(new
            {
                trace_id = $"hostile {i} {name}",
                model_name = name,
                user_query = text,
                ai_response = text,
                system_prompt = text,
                session_id = name,
                user_id = name,
                environment = name,
                tags = new[] { name },
                error = text,
                functions_called = new object[] { new Dictionary<string, object> { ["name"] = name, ["parameters"] = new Dictionary<string, string> { [name] = text }, ["result"] = text } },
                metadata = new Dictionary<string, object> { [name] = text, ["nested"] = new Dictionary<string, string> { [name] = name } },
            });
        }

        await using BrowserTab tab = await browser.OpenAsync(server, "/traces");
        for (int i = 0; i < texts.Length; i++)
        {
            string id = $"hostile {i} {NameOf(texts[i])}";
            foreach (string view in (string[])["conversation", "json"])
            {
                await tab.GoToAsync($"/trace?trace_id={Uri.EscapeDataString(id)}&view={view}");
                await Expect(tab.Page.Locator(".head .id")).ToHaveTextAsync(id.Trim(), new() { Timeout = 30_000 });
                await tab.AssertNoSidewaysScrollAsync();
                Assert.Equal(0, await tab.Page.Locator("main img, main iframe, main script, main style, main object, main svg[onload], main [href^=javascript]").CountAsync());
            }
        }

        Assert.False(await tab.Page.EvaluateAsync<bool>("'hacked' in window"));
        tab.AssertAskedOnly(server.Url);
        tab.AssertNoErrors();
    }

    private static string NameOf(string text) => string.Concat(text.Where(c => !char.IsControl(c)).Take(200)).Trim();
}
