using LlmEval.Core.Access;
using LlmEval.Core.Amending;
using LlmEval.Core.Primitives;
using LlmEval.Core.Retention;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Tests.Access;
using LlmEval.Tests.Support;
using LlmEval.Web.Access;
using LlmEval.Web.Review;
using LlmEval.Web.Settings;
using LlmEval.Web.Start;
using LlmEval.Web.Traces;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.People;

/// <summary>Clicks are refused where they arrive, not where the button is drawn.</summary>
public class PageRightsTests
{
    private const string Refusal = "Your role does not allow this.";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task AViewersClickChangesNothing(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await server.StoreAsync("t");
        await using OpenPage page = OpenPage.By(server, await server.SignInAsync(Role.Viewer));
        TraceDetail seen = (await page.Get<ReviewDesk>().FindAsync("t", Cancel))!;

        DecisionAnswer judged = await page.Get<JudgeTrace>()(new Verdict("t", EvaluationStatus.Accepted), Cancel);
        AmendAnswer tagged = await page.Get<TagTrace>()("t", ["x"], Cancel);
        DecisionAnswer undone = await page.Get<ReviewDesk>().UndoAsync("t", 1, "", Cancel);
        (Evaluation? entry, Trouble? trouble) = await page.Get<ReviewDesk>().JudgeAsync(seen, new Judgement("t", EvaluationStatus.Accepted), "", Cancel);
        VocabularyAnswer named = await page.Get<ReviewDesk>().SaveAsync(new ReviewVocabulary { ProjectId = Projects.Default, Reasons = ["x"], Tags = [] }, Cancel);

        Assert.Equal((ChangeOutcome.Refused, ChangeOutcome.Refused, ChangeOutcome.Refused), (judged.Outcome, tagged.Outcome, undone.Outcome));
        Assert.StartsWith(Refusal, Assert.Single(judged.Faults), StringComparison.Ordinal);
        Assert.Null(entry);
        Assert.StartsWith(Refusal, trouble!.Message, StringComparison.Ordinal);
        Assert.False(named.Saved);
        await Assert.ThrowsAsync<NotAllowedException>(() => page.Get<RetentionReads>().Save(new RetentionPolicy { ProjectId = Projects.Default, MaxDays = 1 }, new RetentionPolicy(), Cancel));
        await Assert.ThrowsAsync<NotAllowedException>(() => page.Get<StartReads>().LoadSamples(Cancel));
        await Assert.ThrowsAsync<NotAllowedException>(() => page.Get<StartReads>().RemoveSamples(Cancel));
        await Assert.ThrowsAsync<NotAllowedException>(() => page.Get<RemoveTrace>()("t", 1, Cancel));
        Assert.Equal(seen.Trace.Version, (await page.Get<ReviewDesk>().FindAsync("t", Cancel))!.Trace.Version);
    }

    [Theory, EveryDatabase]
    public async Task AReviewerJudgesUnderTheirNameUntilTheRoleIsTaken(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await server.StoreAsync("t");
        string session = await server.SignInAsync(Role.Reviewer);
        await using OpenPage page = OpenPage.By(server, session);
        User reviewer = (await page.Get<PageCaller>().FindAsync())!.User!;

        DecisionAnswer first = await page.Get<JudgeTrace>()(new Verdict("t", EvaluationStatus.Accepted) { Evaluator = "somebody else" }, Cancel);
        await server.Services.GetRequiredService<Users>().SetRoleAsync(Projects.Default, reviewer.Id, Role.Viewer, PeopleSteps.Tester, Cancel);
        DecisionAnswer second = await page.Get<JudgeTrace>()(new Verdict("t", EvaluationStatus.Rejected), Cancel);

        Assert.Equal((ChangeOutcome.Applied, reviewer.Name), (first.Outcome, first.Entry!.Evaluator));
        Assert.Equal(ChangeOutcome.Refused, second.Outcome);
    }

    [Theory, EveryDatabase]
    public async Task AnAdminDeletesATraceAsItWasSeen(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await server.StoreAsync("t");
        await using OpenPage page = OpenPage.By(server, await server.SignInAsync(Role.Admin));

        Assert.Equal(ChangeOutcome.Moved, await page.Get<RemoveTrace>()("t", 2, Cancel));
        Assert.Equal(ChangeOutcome.Applied, await page.Get<RemoveTrace>()("t", 1, Cancel));
        Assert.Null(await page.Get<ReviewDesk>().FindAsync("t", Cancel));
        Assert.Equal(0, await page.Get<StartReads>().CountTraces(Cancel));
    }

    [Theory, EveryDatabase]
    public async Task ChangedSettingsStandInTheAuditLog(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using OpenPage page = OpenPage.By(server, await server.SignInAsync(Role.Admin));
        string name = (await page.Get<PageCaller>().FindAsync())!.Name;

        await page.Get<RetentionReads>().Save(new RetentionPolicy { ProjectId = Projects.Default, MaxDays = 30 }, new RetentionPolicy(), Cancel);
        await page.Get<ReviewDesk>().SaveAsync(new ReviewVocabulary { ProjectId = Projects.Default, Reasons = ["Off topic"], Tags = [] }, Cancel);

        await page.Get<ViewDesk>().SaveAsync("Failures", "?error=true", overwrite: false, Cancel);
        await page.Get<ViewDesk>().SaveAsync("Failures", "?error=false", overwrite: true, Cancel);
        await page.Get<ViewDesk>().SaveAsync("Failures", "", overwrite: false, Cancel);
        await page.Get<ViewDesk>().RenameAsync("Failures", "Successes", Cancel);
        await page.Get<ViewDesk>().DeleteAsync("Successes", Cancel);
        await page.Get<ViewDesk>().DeleteAsync("Successes", Cancel);

        AuditEntry[] entries = [.. (await server.Services.AuditAsync()).Where(e => e.UserId is not null)];
        Assert.Equal(
            [
                "settings.retention_changed", "settings.reasons_changed",
                "settings.view_saved", "settings.view_changed", "settings.view_renamed", "settings.view_deleted",
            ],
            entries.Select(e => e.Action));
        Assert.All(entries, e => Assert.Equal(name, e.Actor));
        Assert.Contains("30", entries[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEndedSessionIsSaidToBe()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.StoreAsync("t");
        string session = await server.SignInAsync(Role.Reviewer);
        await using OpenPage page = OpenPage.By(server, session);
        Caller caller = (await page.Get<PageCaller>().FindAsync())!;
        await server.Services.GetRequiredService<Sessions>().EndAsync(caller.Session!, caller.ToActor(), Cancel);

        DecisionAnswer answer = await page.Get<JudgeTrace>()(new Verdict("t", EvaluationStatus.Accepted), Cancel);

        Assert.StartsWith("You are signed out", Assert.Single(answer.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task APersonsVerdictByTheApiIsTheirsAndAKeysIsWhoseverItSays()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.StoreAsync("t");
        string session = await server.SignInAsync(Role.Reviewer);
        NewApiKey key = await server.MakeKeyAsync();
        await using OpenPage page = OpenPage.By(server, session);
        string name = (await page.Get<PageCaller>().FindAsync())!.Name;
        var body = new { trace_id = "t", status = "accepted", evaluator = "Ada" };

        using HttpClient asPerson = server.As("Cookie", $"llmeval-session={session}");
        using HttpClient asProgram = server.As("X-API-Key", key.Token);
        using HttpResponseMessage one = await asPerson.PostAsync("/api/evaluations", Json(body), Cancel);
        using HttpResponseMessage other = await asProgram.PostAsync("/api/evaluations", Json(body), Cancel);

        Assert.Equal([name, "Ada"], (await page.Get<ReviewDesk>().FindAsync("t", Cancel))!.History.OrderBy(e => e.Id).Select(e => e.Evaluator!));
    }

    [Theory]
    [InlineData("signed out")]
    [InlineData("role taken")]
    [InlineData("disabled")]
    public async Task AStreamEndsWithThePersonsRights(string how)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        string session = await server.SignInAsync(Role.Reviewer);
        await using OpenPage page = OpenPage.By(server, session);
        Caller caller = (await page.Get<PageCaller>().FindAsync())!;
        using HttpClient http = server.As("Cookie", $"llmeval-session={session}");
        await using TestStream stream = await TestStream.OpenAsync(http, "/stream/events", null);
        Assert.NotNull(await stream.NextFrameAsync());

        await (how switch
        {
            "signed out" => server.Services.GetRequiredService<Sessions>().EndAsync(caller.Session!, caller.ToActor(), Cancel),
            "disabled" => server.Services.GetRequiredService<Users>().SetDisabledAsync(caller.User!.Id, true, PeopleSteps.Tester, Cancel),
            _ => server.Services.GetRequiredService<Users>().SetRoleAsync(Projects.Default, caller.User!.Id, null, PeopleSteps.Tester, Cancel),
        });

        await stream.EndAsync();
    }

    [Fact]
    public async Task AStreamEndsWithItsKeyAndWithTheOpenServer()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, new Dictionary<string, string?> { ["LlmEval:Events:HeartbeatSeconds"] = "300" });
        await using TestStream open = await TestStream.OpenAsync(server.Http, "/stream/traces", null);
        NewApiKey key = await server.MakeKeyAsync(Rights.Read);
        using HttpClient http = server.As("X-API-Key", key.Token);
        await using TestStream keyed = await TestStream.OpenAsync(http, "/stream/metrics", null);

        await open.EndAsync();
        await server.RevokeAsync(key);

        await keyed.EndAsync();
    }

    [Fact]
    public async Task AStreamEndsWhenItsKeyExpires()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, new Dictionary<string, string?> { ["LlmEval:Events:HeartbeatSeconds"] = "300" });
        NewApiKey key = await server.MakeKeyAsync(Rights.Read, expires: TimeProvider.System.UtcNow().AddSeconds(2));
        using HttpClient http = server.As("X-API-Key", key.Token);
        await using TestStream stream = await TestStream.OpenAsync(http, "/stream/events", null);

        await stream.EndAsync().WaitAsync(TimeSpan.FromSeconds(15), Cancel);
    }

    private static StringContent Json(object body) => new(System.Text.Json.JsonSerializer.Serialize(body), System.Text.Encoding.UTF8, "application/json");
}
