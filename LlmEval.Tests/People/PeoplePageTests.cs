using Bunit;
using LlmEval.Core.Access;
using LlmEval.Tests.Support;
using LlmEval.Web.People;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.People;

public class PeoplePageTests
{
    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task WhoJoinsIsListedWhileThePageIsOpenAndTheirLinkIsNot(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        InvitationAnswer answer = await server.Services.GetRequiredService<Invitations>()
            .CreateAsync(Projects.Default, Role.Reviewer, "ida@example.com", PeopleSteps.Tester, Cancel);
        IRenderedComponent<PeoplePage> page = person.Render<PeoplePage>();
        page.WaitForElement("[data-link]", PersonAtPages.Patience);

        await server.JoinAsync(answer.Token!, "ida@example.com");

        page.WaitForElement("[data-person=\"ida@example.com\"]", PersonAtPages.Patience);
        Assert.Empty(page.FindAll("[data-link]"));
    }

    [Theory, EveryDatabase]
    public async Task NobodyIsDisabledOrMadeAnOwnerByASlip(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server, role: null, owner: true);
        await server.InviteAsync("ida@example.com", Role.Reviewer);
        IRenderedComponent<PeoplePage> page = person.Render<PeoplePage>();
        page.WaitForElement("[data-person=\"ida@example.com\"]", PersonAtPages.Patience);

        await ClickAsync("[aria-label=\"Disable ida\"]");
        await ClickAsync("[aria-keyshortcuts=Escape]");
        await ClickAsync("[aria-label=\"Make owner: ida\"]");
        await ClickAsync("[aria-keyshortcuts=Escape]");
        Assert.Empty(await ChangesAsync(server));
        await ClickAsync("[aria-label=\"Disable ida\"]");
        await ClickAsync(".danger");

        page.WaitForElement("[aria-label=\"Enable ida\"]", PersonAtPages.Patience);
        Assert.Empty(page.FindAll("[aria-label=\"New password for ida\"]"));
        Assert.Equal(["person.disabled"], await ChangesAsync(server));

        Task ClickAsync(string button) => page.InvokeAsync(() => page.Find($"[data-person=\"ida@example.com\"] {button}").ClickAsync());
    }

    [Theory, EveryDatabase]
    public async Task NobodyGivesTheirOwnRoleUpBySlip(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        IRenderedComponent<PeoplePage> page = person.Render<PeoplePage>();
        User me = Assert.Single(await ListAsync(), p => p.Role == Role.Admin).User;
        string mine = $"[data-person=\"{me.Email}\"]";
        page.WaitForElement($"{mine} select", PersonAtPages.Patience);

        await page.InvokeAsync(() => page.Find($"{mine} select").ChangeAsync("Viewer"));
        Assert.Contains("no longer be an admin", page.Find($"{mine} [role=alert]").TextContent, StringComparison.Ordinal);
        await page.InvokeAsync(() => page.Find($"{mine} [aria-keyshortcuts=Escape]").ClickAsync());
        Assert.Equal(Role.Admin, await RoleAsync());
        await page.InvokeAsync(() => page.Find($"{mine} select").ChangeAsync(""));
        Assert.Contains("no longer see", page.Find($"{mine} [role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Equal(Role.Admin, await RoleAsync());
        await page.InvokeAsync(() => page.Find($"{mine} [aria-keyshortcuts=Escape]").ClickAsync());
        Assert.Equal("Admin", page.Find($"{mine} select").GetAttribute("value"));
        await page.InvokeAsync(() => page.Find($"{mine} select").ChangeAsync(""));
        await page.InvokeAsync(() => page.Find($"{mine} .danger").ClickAsync());

        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".danger")), PersonAtPages.Patience);
        Assert.Null(await RoleAsync());

        async Task<Role?> RoleAsync() => (await ListAsync()).Single(p => p.User.Id == me.Id).Role;
        Task<IReadOnlyList<Person>> ListAsync() => server.Services.GetRequiredService<Users>().ListAsync(Projects.Default, all: true, Cancel);
    }

    [Theory, EveryDatabase]
    public async Task WhoInvitesADisabledPersonIsToldThatTheyCannotSignIn(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        User ida = await server.InviteAsync("ida@example.com", Role.Viewer);
        Assert.Null(await server.Services.GetRequiredService<Users>().SetDisabledAsync(ida.Id, true, PeopleSteps.Tester, Cancel));
        IRenderedComponent<PeoplePage> page = person.Render<PeoplePage>();
        page.WaitForElement("[data-person=\"ida@example.com\"]", PersonAtPages.Patience);
        await page.InvokeAsync(() => page.Find("input[type=email]").InputAsync("ida@example.com"));

        await page.InvokeAsync(() => page.Find("form").SubmitAsync());

        page.WaitForAssertion(
            () => Assert.Equal(
                "ida got the role, but cannot sign in: the account is disabled. Ask an owner to enable it.",
                page.Find("form [role=status]").TextContent),
            PersonAtPages.Patience);
    }

    [Theory, EveryDatabase]
    public async Task AnAddressThatIsRefusedStaysInItsField(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        InvitationAnswer link = await server.Services.GetRequiredService<Invitations>()
            .CreateAsync(Projects.Default, Role.Reviewer, null, PeopleSteps.Tester, Cancel);
        await server.JoinAsync(link.Token!, "ida@example.com");
        IRenderedComponent<PeoplePage> page = person.Render<PeoplePage>();
        page.WaitForElement("[data-person=\"ida@example.com\"]", PersonAtPages.Patience);
        await page.InvokeAsync(() => page.Find("input[type=email]").InputAsync("ida@example.com"));

        await page.InvokeAsync(() => page.Find("form").SubmitAsync());

        page.WaitForAssertion(() => Assert.Contains("named nobody", page.Find("form [role=alert]").TextContent, StringComparison.Ordinal), PersonAtPages.Patience);
        Assert.Equal("ida@example.com", page.Find("input[type=email]").GetAttribute("value"));
    }

    private static async Task<IEnumerable<string>> ChangesAsync(TestServer server) =>
        (await server.Services.AuditAsync()).Select(entry => entry.Action).Where(action => action is "person.disabled" or "person.owner_changed");
}
