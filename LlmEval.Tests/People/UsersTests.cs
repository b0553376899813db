using LlmEval.Core.Access;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.People;

public class UsersTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task PeopleComeByName(DatabaseKind kind)
    {
        await using TestCore core = await TestCore.StartAsync(kind, (services, _) => services.AddAccess());
        Invitations invitations = core.Get<Invitations>();
        await AcceptAsync((await invitations.CreateSetUpAsync(PeopleSteps.Tester, Cancel))!, "Zoe");
        foreach (string name in (string[])["bo", "Ärne"])
        {
            string email = $"{name.Length}{name[^1]}@example.com";
            await AcceptAsync((await invitations.CreateAsync(Projects.Default, Role.Viewer, email, PeopleSteps.Tester, Cancel)).Token!, name, email);
        }

        IReadOnlyList<Person> people = await core.Get<Users>().ListAsync(Projects.Default, all: true, Cancel);

        Assert.Equal(["Ärne", "bo", "Zoe"], people.Select(p => p.User.Name));

        async Task AcceptAsync(string token, string name, string email = "zoe@example.com") => Assert.Empty(
            (await invitations.AcceptAsync(token, new NewPerson(email, name, "hash"), PeopleSteps.Tester, Cancel)).Faults);
    }
}
