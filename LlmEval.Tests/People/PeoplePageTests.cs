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

        page.WaitForAssertion(() => Assert.Contains("named nobody", page.Find("form .fault").TextContent, StringComparison.Ordinal), PersonAtPages.Patience);
        Assert.Equal("ida@example.com", page.Find("input[type=email]").GetAttribute("value"));
    }

    [Theory, EveryDatabase]
    public async Task NobodyTakesTheirOwnRoleByASlip(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        IRenderedComponent<PeoplePage> page = person.Render<PeoplePage>();
        page.WaitForElement("[data-person]", PersonAtPages.Patience);

        await ChooseAsync("");
        Assert.Equal("Leave this project", page.Find(".danger").TextContent);
        Assert.Equal("Admin", page.Find(".role select").GetAttribute("value"));
        await page.InvokeAsync(() => page.Find("[aria-keyshortcuts=Escape]").ClickAsync());
        Assert.Equal([Role.Admin], await RolesAsync());

        await ChooseAsync("Reviewer");
        await page.InvokeAsync(() => page.Find(".danger").ClickAsync());
        Assert.Equal([Role.Reviewer], await RolesAsync());

        Task ChooseAsync(string role) => page.InvokeAsync(() => page.Find(".role select").ChangeAsync(role));
        async Task<IEnumerable<Role?>> RolesAsync() =>
            (await server.Services.GetRequiredService<Users>().ListAsync(Projects.Default, all: false, Cancel)).Select(p => p.Role);
    }

    [Theory, EveryDatabase]
    public async Task WhoIsGivenARoleButIsDisabledIsSaidToBe(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using PersonAtPages person = await PersonAtPages.SignInAsync(server);
        User ida = await server.InviteAsync("ida@example.com", Role.Reviewer);
        Users people = server.Services.GetRequiredService<Users>();
        Assert.Null(await people.SetDisabledAsync(ida.Id, true, PeopleSteps.Tester, Cancel));
        Assert.Null(await people.SetRoleAsync(Projects.Default, ida.Id, null, PeopleSteps.Tester, Cancel));
        IRenderedComponent<PeoplePage> page = person.Render<PeoplePage>();
        page.WaitForElement("[data-person]", PersonAtPages.Patience);
        await page.InvokeAsync(() => page.Find("input[type=email]").InputAsync("ida@example.com"));

        await page.InvokeAsync(() => page.Find("form").SubmitAsync());

        page.WaitForAssertion(
            () => Assert.Equal("ida got the role, but their account is disabled: they can sign in once an owner enables it.", page.Find(".how[role=status]").TextContent),
            PersonAtPages.Patience);
    }

    private static async Task<IEnumerable<string>> ChangesAsync(TestServer server) =>
        (await server.Services.AuditAsync()).Select(entry => entry.Action).Where(action => action is "person.disabled" or "person.owner_changed");
}
