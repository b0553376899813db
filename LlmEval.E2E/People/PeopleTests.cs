using System.Text.RegularExpressions;
using LlmEval.E2E.Review;
using LlmEval.E2E.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmEval.E2E.People;

public partial class PeopleTests(Browser browser)
{
    private const string Password = "tall green giraffes";

    private static readonly (string, string) Closed = ("LlmEval__RequireSignIn", "true");

    [Fact]
    public async Task FromTheSetUpLinkOverAnInvitationToTheSignOut()
    {
        browser.Require();
        await using ServerProcess server = await ServerProcess.StartAsync(Closed);
        await using BrowserTab owner = await OwnerAsync(server);
        await StoreAsync(owner, "t1");
        await StoreAsync(owner, "t2");

        await owner.GoToAsync("/settings/people");
        await owner.Page.GetByLabel("E-mail").FillAsync("ida@example.com");

        // Whoever has the habit of double clicks means one link, and for whom they named.
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Make a link" }).DblClickAsync();
        string link = await owner.Page.Locator("#new-link").InnerTextAsync();

        await using BrowserTab reviewer = await browser.NewTabAsync(server);
        await JoinAsync(reviewer, link, "Ida Lind", email: null);
        await reviewer.GoToAsync("/review");
        await Expect(reviewer.Page.Locator(".review")).ToHaveAttributeAsync("data-current", AnyTrace());
        await Expect(reviewer.Page.GetByPlaceholder("Your name, for others to see")).ToHaveCountAsync(0);
        string judged = await reviewer.CurrentAsync();
        await reviewer.Page.GetByRole(AriaRole.Button, new() { Name = "Accept" }).First.ClickAsync();
        await Expect(reviewer.Page.Locator(".review")).Not.ToHaveAttributeAsync("data-current", judged);
        await owner.GoToAsync($"/traces/{judged}");
        await Expect(owner.Page.Locator("main").GetByText("Ida Lind").First).ToBeVisibleAsync();

        // The page that is open loses what the role no longer has.
        await owner.GoToAsync("/settings/people");
        await owner.Page.Locator("[data-person=\"ida@example.com\"] select").SelectOptionAsync("Viewer");
        await Expect(reviewer.Page.GetByRole(AriaRole.Heading, new() { Name = "Your role does not allow this page" })).ToBeVisibleAsync(new() { Timeout = 10_000 });
        await reviewer.GoToAsync($"/traces/{judged}");
        await Expect(reviewer.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
        await Expect(reviewer.Page.GetByRole(AriaRole.Button, new() { Name = "Reject" })).ToHaveCountAsync(0);
        IAPIResponse refused = await reviewer.Page.APIRequest.PostAsync("/api/evaluations", new() { DataObject = new { trace_id = judged, status = "rejected" } });
        Assert.Equal(403, refused.Status);

        // Out on one page is out on all of them.
        IPage second = await reviewer.Page.Context.NewPageAsync();
        await second.GotoAsync("/traces");
        await Expect(second.Locator("main[data-interactive=true]")).ToBeAttachedAsync();
        await reviewer.Page.Locator(".signed-in summary").ClickAsync();
        await reviewer.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(reviewer.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await Expect(second).ToHaveURLAsync(new Regex(@"/sign-in\?return="), new() { Timeout = 10_000 });
        await reviewer.Page.GotoAsync($"/traces/{judged}");
        await reviewer.Page.GetByLabel("E-mail").FillAsync("ida@example.com");
        await reviewer.Page.GetByLabel("Password").FillAsync(Password);
        await reviewer.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(reviewer.Page).ToHaveURLAsync($"{server.Url}/traces/{judged}");
        reviewer.AssertNoErrors();
        owner.AssertNoErrors();
    }

    [Theory]
    [InlineData(1440, true)]
    [InlineData(390, false)]
    public async Task ThePagesAreAccessibleAndFitTheirScreen(int width, bool dark)
    {
        browser.Require();
        await using ServerProcess server = await ServerProcess.StartAsync(Closed);
        await using BrowserTab tab = await browser.NewTabAsync(server, new Look(width, 844, dark));
        string link = await LinkAsync(server);
        await tab.Page.GotoAsync("/sign-in");
        await CheckAsync(tab, "sign-in");
        await tab.Page.GotoAsync(link);
        await CheckAsync(tab, "setup");
        await JoinAsync(tab, link, "Olivia Stone", "olivia@example.com");

        await tab.GoToAsync("/settings/people");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Make a link" }).ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "A link for whoever has it" })).ToBeFocusedAsync();
        await CheckAsync(tab, "people");
        foreach (string path in (string[])["/account", "/account/sessions", "/settings/audit"])
        {
            await tab.GoToAsync(path);
            await Expect(tab.Page.GetByText("Loading…")).ToHaveCountAsync(0);
            await CheckAsync(tab, path.Split('/')[^1]);
        }

        await tab.Page.Locator(".signed-in summary").ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" })).ToBeVisibleAsync();
        await CheckAsync(tab, "menu");
        tab.AssertAskedOnly(server.Url);
        tab.AssertNoErrors();
    }

    private async Task<BrowserTab> OwnerAsync(ServerProcess server)
    {
        BrowserTab tab = await browser.NewTabAsync(server);
        await JoinAsync(tab, await LinkAsync(server), "Olivia Stone", "olivia@example.com");
        return tab;
    }

    private static async Task JoinAsync(BrowserTab tab, string link, string name, string? email)
    {
        await tab.Page.GotoAsync(link);
        await tab.Page.GetByLabel("Your name").FillAsync(name);
        if (email is not null)
        {
            await tab.Page.GetByLabel("E-mail").FillAsync(email);
        }

        await tab.Page.GetByLabel("Password").FillAsync(Password);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Make the account" }).ClickAsync();
        await tab.UntilInteractiveAsync();
    }

    private static async Task StoreAsync(BrowserTab tab, string traceId)
    {
        IAPIResponse answer = await tab.Page.APIRequest.PostAsync("/webhook/trace", new() { DataObject = SomeTrace.With(traceId) });
        Assert.True(answer.Ok, await answer.TextAsync());
    }

    private static async Task<string> LinkAsync(ServerProcess server)
    {
        for (int i = 0; i < 100; i++)
        {
            if (Link().Match(server.Output()) is { Success: true } match)
            {
                return match.Value;
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        throw new InvalidOperationException($"The console shows no link:\n{server.Output()}");
    }

    private static async Task CheckAsync(BrowserTab tab, string name)
    {
        if (Environment.GetEnvironmentVariable("LLMEVAL_PICTURES") is { Length: > 0 } folder)
        {
            string theme = await tab.Page.EvaluateAsync<string>("document.documentElement.dataset.theme ?? 'light'");
            await tab.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{tab.Page.ViewportSize!.Width}-{theme}.png") });
        }

        await tab.AssertAccessibleAsync();
        await tab.AssertNoSidewaysScrollAsync();
    }

    [GeneratedRegex("^t[12]$")]
    private static partial Regex AnyTrace();

    [GeneratedRegex(@"http://\S+/setup\?token=\S+")]
    private static partial Regex Link();
}
