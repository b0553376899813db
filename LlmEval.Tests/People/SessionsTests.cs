using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.People;

public class SessionsTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 1, 8, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task AnUnusedSessionEndsAfterTwelveHours(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        NewSession session = await SignInAsync(core);

        await PassAsync(core, TimeSpan.FromHours(11.9));
        Assert.True(Holds(core, session));
        await PassAsync(core, TimeSpan.FromHours(0.2));

        // The loop runs too: whichever ends it, it is over.
        await Eventually.TrueAsync(() => !Holds(core, session));
    }

    [Theory, EveryDatabase]
    public async Task AUsedSessionEndsAfterSevenDays(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        NewSession session = await SignInAsync(core);
        for (int i = 0; i < 16; i++)
        {
            await PassAsync(core, TimeSpan.FromHours(10), session);
            Assert.True(Holds(core, session), $"After {(i + 1) * 10} h");
        }

        await PassAsync(core, TimeSpan.FromHours(8.1), session);

        await Eventually.TrueAsync(() => !Holds(core, session));
    }

    [Theory, EveryDatabase]
    public async Task OfMoreThanTwentySessionsTheOneThatWasNotUsedForLongestEnds(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        NewSession first = await SignInAsync(core);
        User user = Book(core).FindUser("olivia@example.com")!;
        for (int i = 1; i < Sessions.Most; i++)
        {
            await core.Get<Sessions>().StartAsync(user, "password", new Device("", null), null, PeopleSteps.Tester, Cancel);
        }

        Assert.True(Holds(core, first));
        NewSession last = (await core.Get<Sessions>().StartAsync(user, "password", new Device("", null), null, PeopleSteps.Tester, Cancel))!;

        Assert.Equal((false, true), (Holds(core, first), Holds(core, last)));
        Assert.Equal(Sessions.Most, (await core.Get<Sessions>().ListAsync(user.Id, Cancel)).Count);
    }

    [Theory, EveryDatabase]
    public async Task ANewPasswordEndsTheOtherSessions(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        NewSession here = await SignInAsync(core);
        User user = Book(core).FindUser("olivia@example.com")!;
        NewSession there = (await core.Get<Sessions>().StartAsync(user, "password", new Device("", null), null, PeopleSteps.Tester, Cancel))!;
        int kept = Find(core, here)!.Value.Session.Id;

        Assert.Null(await core.Get<Users>().SetPasswordAsync(user.Id, "another hash", kept, PeopleSteps.Tester, Cancel));

        Assert.True(Holds(core, here));
        Assert.False(Holds(core, there));
        Assert.Null(await core.Get<Sessions>().StartAsync(user, "password", new Device("", null), null, PeopleSteps.Tester, Cancel));
    }

    [Theory, EveryDatabase]
    public async Task WhoIsDisabledIsSignedOutAndTheLastOwnerCannotBe(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        NewSession session = await SignInAsync(core);
        User owner = Book(core).FindUser("olivia@example.com")!;
        Users people = core.Get<Users>();

        Assert.Contains("only owner", await people.SetDisabledAsync(owner.Id, true, PeopleSteps.Tester, Cancel), StringComparison.Ordinal);
        Assert.Contains("only owner", await people.SetOwnerAsync(owner.Id, false, PeopleSteps.Tester, Cancel), StringComparison.Ordinal);
        Assert.True(Holds(core, session));
        InvitationAnswer invited = await core.Get<Invitations>().CreateAsync(Projects.Default, Role.Viewer, "max@example.com", PeopleSteps.Tester, Cancel);
        User max = (await core.Get<Invitations>().AcceptAsync(invited.Token!, new NewPerson("ignored@example.com", "Max", "hash"), PeopleSteps.Tester, Cancel)).User!;
        Assert.Null(await people.SetOwnerAsync(max.Id, true, PeopleSteps.Tester, Cancel));
        Assert.Null(await people.SetDisabledAsync(owner.Id, true, PeopleSteps.Tester, Cancel));

        Assert.Equal("max@example.com", max.Email);
        Assert.False(Holds(core, session));
    }

    [Theory, EveryDatabase]
    public async Task ALinkForANewPasswordWorksOnceAndForADay(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        NewSession session = await SignInAsync(core);
        User owner = Book(core).FindUser("olivia@example.com")!;
        Invitations invitations = core.Get<Invitations>();
        string used = await invitations.CreateResetAsync(owner, PeopleSteps.Tester, Cancel);
        string forgotten = await invitations.CreateResetAsync(owner, PeopleSteps.Tester, Cancel);
        var given = new NewPerson("", "", "a new hash");

        Assert.NotNull((await invitations.AcceptAsync(used, given, PeopleSteps.Tester, Cancel)).User);
        Assert.Null((await invitations.AcceptAsync(used, given, PeopleSteps.Tester, Cancel)).User);
        Assert.Null(await invitations.FindAsync(forgotten, Cancel));
        string late = await invitations.CreateResetAsync(owner, PeopleSteps.Tester, Cancel);
        Assert.NotNull(await invitations.FindAsync(late, Cancel));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Null(await invitations.FindAsync(late, Cancel));

        Assert.False(Holds(core, session));
        Assert.Equal("a new hash", Book(core).FindUser("olivia@example.com")!.PasswordHash);
    }

    [Theory, EveryDatabase]
    public async Task WhoHasAnAccountGetsTheRoleAtOnce(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await SignInAsync(core);

        InvitationAnswer answer = await core.Get<Invitations>().CreateAsync(Projects.Default, Role.Reviewer, "OLIVIA@example.com", PeopleSteps.Tester, Cancel);

        Assert.Null(answer.Token);
        Assert.Equal(Role.Reviewer, Assert.Single(await core.Get<Users>().ListAsync(Projects.Default, all: false, Cancel)).Role);
    }

    [Theory, EveryDatabase]
    public async Task NothingSecretIsStored(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        NewSession session = await SignInAsync(core);
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);

        Session row = await db.Set<Session>().SingleAsync(Cancel);

        Assert.Equal(32, row.TokenHash.Length);
        Assert.DoesNotContain(session.Token, string.Join(' ', (await core.Services.AuditAsync()).Select(e => e.Subject + e.Detail)), StringComparison.Ordinal);
    }

    [Theory, EveryDatabase]
    public async Task WhatHasEndedAlreadyIsNotWrittenDownAgain(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        NewSession here = await SignInAsync(core);
        User user = Book(core).FindUser("olivia@example.com")!;
        NewSession there = (await core.Get<Sessions>().StartAsync(user, "password", new Device("", null), null, PeopleSteps.Tester, Cancel))!;

        (int hereId, int thereId) = (Find(core, here)!.Value.Session.Id, Find(core, there)!.Value.Session.Id);
        foreach (int ended in (int[])[1, 0])
        {
            Assert.Equal(ended, await core.Get<Sessions>().EndOthersAsync(user.Id, hereId, thereId, PeopleSteps.Tester, Cancel));
        }

        Assert.Single(await core.Services.AuditAsync(), entry => entry.Action == "sessions.ended");
    }

    private Task<TestCore> StartAsync(DatabaseKind kind) => TestCore.StartAsync(kind, (services, _) =>
    {
        services.AddSingleton<TimeProvider>(_time);
        services.AddAccess();
    });

    private static async Task<NewSession> SignInAsync(TestCore core)
    {
        Invitations invitations = core.Get<Invitations>();
        string token = (await invitations.CreateSetUpAsync(PeopleSteps.Tester, Cancel))!;
        User user = (await invitations.AcceptAsync(token, new NewPerson("olivia@example.com", "Olivia", "hash"), PeopleSteps.Tester, Cancel)).User!;
        return (await core.Get<Sessions>().StartAsync(user, "link", new Device("a browser", null), null, PeopleSteps.Tester, Cancel))!;
    }

    /// <summary>What the loop does once a minute, after a time.</summary>
    private async Task PassAsync(TestCore core, TimeSpan time, NewSession? used = null)
    {
        _time.Advance(time);
        if (used is not null && Find(core, used) is { } found)
        {
            await core.Get<Sessions>().NoteUseAsync(new Dictionary<int, DateTime> { [found.Session.Id] = _time.UtcNow() }, Cancel);
        }

        await core.Get<Sessions>().EndIdleAsync(Cancel);
    }

    private static AccessBook Book(TestCore core) => core.Get<AccessDirectory>().Book;

    private (Session Session, User User)? Find(TestCore core, NewSession session) => Book(core).FindSession(SecretToken.Hash(session.Token), _time.UtcNow());

    private bool Holds(TestCore core, NewSession session) => Find(core, session) is not null;
}
