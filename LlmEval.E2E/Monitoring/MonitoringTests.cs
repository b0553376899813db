using System.Text.Json;
using System.Text.RegularExpressions;
using LlmEval.E2E.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.Monitoring;

public class MonitoringTests(Browser browser)
{
    [Theory]
    [InlineData(1440, true)]
    [InlineData(390, false)]
    public async Task ThePagesAreAccessibleAndFitTheirScreen(int width, bool dark)
    {
        await using ServerProcess server = await StartAsync();
        await FailAsync(server);
        await using BrowserTab tab = await browser.OpenAsync(server, "/monitoring", new Look(width, 844, dark));
        await Expect(tab.Page.Locator(".apexcharts-canvas").First).ToBeVisibleAsync();
        await tab.AssertNoSidewaysScrollAsync();
        await tab.AssertAccessibleAsync();

        await tab.GoToAsync("/alerts");
        await Expect(tab.Page.Locator(".open [data-alert=error_rate]")).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await tab.AssertNoSidewaysScrollAsync();
        await tab.AssertAccessibleAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "New rule" }).ClickAsync();
        await Expect(tab.Page.GetByLabel("Name", new() { Exact = true })).ToBeFocusedAsync();
        await tab.AssertNoSidewaysScrollAsync();
        await tab.AssertAccessibleAsync();
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task TheChartsMoveByThemselves()
    {
        await using ServerProcess server = await StartAsync();
        await using BrowserTab tab = await browser.OpenAsync(server, "/monitoring");
        ILocator errors = tab.Page.Locator(".kpi").Filter(new() { HasText = "Errors" });

        await FailAsync(server);

        await Expect(errors).ToContainTextAsync("50", new() { Timeout = 10_000 });
        await Expect(tab.Page.GetByRole(AriaRole.Img, new() { NameRegex = new Regex("^Errors by reason.*Invalid [1-9]") })).ToBeVisibleAsync(new() { Timeout = 10_000 });
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task AnAlertRingsOnEveryPageAndIsLookedAfter()
    {
        await using ServerProcess server = await StartAsync();
        await using BrowserTab tab = await browser.OpenAsync(server, "/traces");
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "Alerts", Exact = true }).First).ToBeVisibleAsync();

        await FailAsync(server);
        ILocator mark = tab.Page.GetByRole(AriaRole.Link, new() { Name = "1 open alert" });
        await Expect(mark).ToBeVisibleAsync(new() { Timeout = 15_000 });

        await mark.ClickAsync();
        ILocator open = tab.Page.Locator(".open [data-alert=error_rate]");
        await open.GetByRole(AriaRole.Button, new() { Name = "Acknowledge" }).ClickAsync();
        await Expect(open).ToContainTextAsync("Somebody looks after it");
        await open.GetByRole(AriaRole.Combobox).SelectOptionAsync("1");
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "1 open alert" })).ToHaveCountAsync(0);
        await Expect(tab.Page.Locator("table")).ToContainTextAsync("High error rate");
        tab.AssertNoErrors();
    }

    [Fact]
    public async Task TheLogIsJsonWithTheTraceOfTheRequest()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(
            ("LlmEval__Monitoring__JsonLog", "true"), ("Logging__LogLevel__Microsoft.AspNetCore.Routing", "Debug"));
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        request.Headers.Add("traceparent", $"00-{Trace}-00f067aa0ba902b7-01");
        using HttpResponseMessage answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);

        JsonElement[] lines = [];
        for (int i = 0; i < 100 && !lines.Any(OfTrace); i++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
            lines = [.. server.Output().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
        }

        Assert.Contains(lines, OfTrace);
        Assert.All(lines, line => Assert.EndsWith("Z", line.GetProperty("Timestamp").GetString(), StringComparison.Ordinal));

        static bool OfTrace(JsonElement line) =>
            line.TryGetProperty("Scopes", out JsonElement scopes) && scopes.EnumerateArray().Any(s => s.ToString().Contains(Trace, StringComparison.Ordinal));
    }

    private async Task<ServerProcess> StartAsync()
    {
        browser.Require();
        // One alert is provoked; on a busy machine, slow answers or a cold cache would be two more.
        return await ServerProcess.StartAsync(
            ("LlmEval__Alerts__ForSeconds", "0"),
            ("LlmEval__Alerts__ProcessingMilliseconds", "3600000"),
            ("LlmEval__Alerts__CacheMissPercent", "100"));
    }

    /// <summary>As many bad requests as good ones.</summary>
    private static async Task FailAsync(ServerProcess server)
    {
        for (int i = 0; i < 15; i++)
        {
            await server.PostTraceAsync(new { trace_id = $"good-{i}", model_name = "gpt-4", user_query = "q", ai_response = "a" });
            using var bad = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
            using HttpResponseMessage refused = await server.Http.PostAsync("/webhook/trace", bad, TestContext.Current.CancellationToken);
        }
    }
}
