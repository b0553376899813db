using LlmEval.Core.Access;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.People;

/// <summary>A link gives no more than its maker may give.</summary>
public class InvitationsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task ALinkEndsWithTheRightsOfWhoMadeIt(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        User owner = await SetUpAsync(core);
        User disabled = await JoinAsync(core, "a@example.com", Role.Admin, owner);
        User demoted = await JoinAsync(core, "b@example.com", Role.Admin, owner);
        User former = await JoinAsync(core, "c@example.com", Role.Viewer, owner);
        Users people = core.Get<Users>();
        Assert.Null(await people.SetOwnerAsync(former.Id, true, By(owner), Cancel));
        string kept = await InviteAsync(core, owner);
        string[] links = [await InviteAsync(core, disabled), await InviteAsync(core, demoted), await InviteAsync(core, former), await ResetAsync(core, demoted, former)];
        Assert.All(links, link => Assert.NotNull(Find(core, link)));

        await people.SetDisabledAsync(disabled.Id, true, By(owner), Cancel);
        await people.SetRoleAsync(Projects.Default, demoted.Id, Role.Reviewer, By(owner), Cancel);
        await people.SetOwnerAsync(former.Id, false, By(owner), Cancel);
        await people.SetDisabledAsync(disabled.Id, false, By(owner), Cancel);

        Assert.All(links, link => Assert.Null(Find(core, link)));
        Assert.NotNull(Find(core, kept));
        Assert.Equal(3, (await core.Services.AuditAsync()).Count(e => e.Action == "person.links_ended"));
    }

    [Theory, EveryDatabase]
    public async Task LinksForANewPasswordEndWhenOneIsUsedWhenThePersonChangesItAndWhenTheyAreDisabled(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        User owner = await SetUpAsync(core);
        User max = await JoinAsync(core, "max@example.com", Role.Viewer, owner);
        Users people = core.Get<Users>();

        string[] links = [await ResetAsync(core, max, owner), await ResetAsync(core, max, owner)];
        await core.Get<Invitations>().AcceptAsync(links[0], new NewPerson("", "", "another hash"), By(owner), Cancel);
        Assert.Null(Find(core, links[1]));

        string third = await ResetAsync(core, max, owner);
        await people.SetPasswordAsync(max.Id, "one more hash", keptSession: 0, By(max), Cancel);
        Assert.Null(Find(core, third));

        string fourth = await ResetAsync(core, max, owner);
        await people.SetDisabledAsync(max.Id, true, By(owner), Cancel);
        Assert.Null(Find(core, fourth));
    }

    [Theory, EveryDatabase]
    public async Task LinksThatWaitAreListedAndCancelled(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        User owner = await SetUpAsync(core);
        string link = await InviteAsync(core, owner);
        await ResetAsync(core, owner, owner);
        Invitations invitations = core.Get<Invitations>();

        Invitation mine = Assert.Single(await invitations.ListAsync(Projects.Default, all: false, Cancel));
        Assert.Equal(2, (await invitations.ListAsync(Projects.Default, all: true, Cancel)).Count);
        Assert.Equal("Olivia", mine.CreatedBy);

        // An administrator of another project does not reach it.
        Assert.False(await invitations.CancelAsync(Projects.Default + 1, mine.Id, all: false, By(owner), Cancel));
        Assert.True(await invitations.CancelAsync(Projects.Default, mine.Id, all: false, By(owner), Cancel));
        Assert.False(await invitations.CancelAsync(Projects.Default, mine.Id, all: false, By(owner), Cancel));

        Assert.Null(Find(core, link));
        Assert.Equal("person.link_cancelled", (await core.Services.AuditAsync())[^1].Action);
    }

    [Theory, EveryDatabase]
    public async Task WhoTypedAnAddressThemselvesGetsNoRoleByIt(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        User owner = await SetUpAsync(core);
        Invitations invitations = core.Get<Invitations>();
        var somebody = new NewPerson("boss@example.com", "Mallory", "hash");
        await invitations.AcceptAsync(await InviteAsync(core, owner), somebody, PeopleSteps.Tester, Cancel);
        User named = await JoinAsync(core, "max@example.com", Role.Viewer, owner);

        InvitationAnswer refused = await invitations.CreateAsync(Projects.Default + 1, Role.Admin, "boss@example.com", By(owner), Cancel);
        InvitationAnswer given = await invitations.CreateAsync(Projects.Default, Role.Admin, "max@example.com", By(owner), Cancel);

        Assert.Contains("Mallory may or may not be who you mean", refused.Fault, StringComparison.Ordinal);
        Assert.Null(refused.Token);
        Assert.Equal(named.Id, given.Added!.Id);
    }

    [Theory, EveryDatabase]
    public async Task AnInvitationTakesNoRightsAway(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        User max = await JoinAsync(core, "max@example.com", Role.Admin, await SetUpAsync(core));

        InvitationAnswer answer = await core.Get<Invitations>().CreateAsync(Projects.Default, Role.Viewer, "Max@example.com", By(max), Cancel);

        Assert.StartsWith("max belongs to this project already, as admin.", answer.Fault, StringComparison.Ordinal);
        Assert.Equal(Role.Admin, (await core.Get<Users>().ListAsync(Projects.Default, all: false, Cancel)).Single(p => p.User.Id == max.Id).Role);
    }

    private static Task<TestCore> StartAsync(DatabaseKind kind) => TestCore.StartAsync(kind, (services, _) => services.AddAccess());

    private static async Task<User> SetUpAsync(TestCore core)
    {
        Invitations invitations = core.Get<Invitations>();
        string token = (await invitations.CreateSetUpAsync(PeopleSteps.Tester, Cancel))!;
        return (await invitations.AcceptAsync(token, new NewPerson("olivia@example.com", "Olivia", "hash"), PeopleSteps.Tester, Cancel)).User!;
    }

    private static async Task<User> JoinAsync(TestCore core, string email, Role role, User by)
    {
        Invitations invitations = core.Get<Invitations>();
        InvitationAnswer invited = await invitations.CreateAsync(Projects.Default, role, email, By(by), Cancel);
        return (await invitations.AcceptAsync(invited.Token!, new NewPerson(email, email.Split('@')[0], "hash"), PeopleSteps.Tester, Cancel)).User!;
    }

    private static async Task<string> InviteAsync(TestCore core, User by) =>
        (await core.Get<Invitations>().CreateAsync(Projects.Default, Role.Admin, null, By(by), Cancel)).Token!;

    private static Task<string> ResetAsync(TestCore core, User whose, User by) => core.Get<Invitations>().CreateResetAsync(whose, By(by), Cancel);

    private static Invitation? Find(TestCore core, string token) => core.Get<Invitations>().FindAsync(token, Cancel).GetAwaiter().GetResult();

    private static Actor By(User user) => new(user.Name, user.Id);
}
