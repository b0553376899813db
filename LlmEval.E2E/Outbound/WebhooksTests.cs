using System.Net;
using System.Text.RegularExpressions;
using LlmEval.E2E.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.Outbound;

public class WebhooksTests(Browser browser)
{
    [Theory]
    [InlineData(1440, true)]
    [InlineData(390, false)]
    public async Task AWebhookIsMadeTestedAndItsDeliveriesAreSeen(int width, bool dark)
    {
        browser.Require();
        using var receiver = new HttpListener();
        string address = Listen(receiver);
        await using ServerProcess server = await ServerProcess.StartAsync(("LlmEval__Outbound__AllowPrivateAddresses", "true"));
        await using BrowserTab tab = await browser.OpenAsync(server, "/settings/webhooks", new Look(width, 844, dark));
        await Expect(tab.Page.GetByText("No webhooks yet")).ToBeVisibleAsync();
        await tab.AssertAccessibleAsync();

        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "New webhook" }).ClickAsync();
        await Expect(tab.Page.GetByLabel("Address")).ToBeFocusedAsync();
        await tab.Page.GetByLabel("Address").FillAsync("http://me:secret@127.0.0.1/");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Make it" }).ClickAsync();
        await Expect(tab.Page.Locator(".fault")).ToContainTextAsync("Address: must be an address");
        await tab.Page.GetByLabel("Address").FillAsync(address);
        await tab.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("My app");
        await tab.Page.GetByLabel("Verdicts").CheckAsync();
        await tab.AssertNoSidewaysScrollAsync();
        await tab.AssertAccessibleAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Make it" }).ClickAsync();
        await Expect(tab.Page.Locator("#webhook-secret")).ToHaveTextAsync(new Regex("^whsec_.{44}$"));
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "The secret of My app" })).ToBeFocusedAsync();
        await tab.AssertAccessibleAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();

        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Send a test" }).ClickAsync();
        await Expect(tab.Page.GetByText("The test arrived: 200")).ToBeVisibleAsync();
        await server.PostTraceAsync(SomeTrace.With("t-1"));
        await server.EvaluateAsync("t-1", "rejected");
        ILocator delivery = tab.Page.Locator(".deliveries li").First;
        await Expect(delivery).ToContainTextAsync("Verdicts", new() { Timeout = 15_000 });
        await Expect(delivery).ToContainTextAsync("Delivered", new() { Timeout = 15_000 });
        await delivery.Locator("summary").ClickAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Send again" }).ClickAsync();
        await Expect(tab.Page.GetByText("It is sent again.")).ToBeVisibleAsync();
        await tab.AssertNoSidewaysScrollAsync();
        await tab.AssertAccessibleAsync();

        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Change" }).ClickAsync();
        await tab.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("My other app");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "My other app" })).ToBeVisibleAsync();

        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Delete it" }).ClickAsync();
        await Expect(tab.Page.GetByText("No webhooks yet")).ToBeVisibleAsync();
        tab.AssertNoErrors();
    }

    /// <summary>Answers everything with 200.</summary>
    private static string Listen(HttpListener receiver)
    {
        int port = ServerProcess.FreePort();
        string address = $"http://127.0.0.1:{port}/";
        receiver.Prefixes.Add(address);
        receiver.Start();
        _ = Task.Run(async () =>
        {
            while (receiver.IsListening)
            {
                HttpListenerContext context = await receiver.GetContextAsync();
                context.Response.Close();
            }
        });
        return address;
    }
}
