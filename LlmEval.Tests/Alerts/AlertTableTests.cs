using LlmEval.Core.Access;
using LlmEval.Core.Alerts;
using LlmEval.Core.Events;
using LlmEval.Core.Monitoring;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Alerts;

public class AlertTableTests
{
    private static readonly DateTime Now = SomeTrace.Now;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task ManyWhoMuteARuleAtOnceMuteIt(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind);
        DateTime until = SomeTrace.Now.AddYears(200);

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => core.Get<AlertTable>().MuteAsync(AlertRule.Server, "error_rate", until, Actor.System, Cancel)));

        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
        Assert.Equal(until, Assert.Single(await db.Set<AlertMute>().ToListAsync(Cancel)).Until);
    }

    [Theory, EveryDatabase]
    public async Task AnAlertAndItsEventAreWrittenTogetherAndOnce(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind);
        AlertTable table = core.Get<AlertTable>();
        Alert alert = AlertCore.Raised(SomeRule.Above(5), 12.5);
        alert.AnnouncedAt = Now;

        await table.WriteAsync(new AlertChange(alert, 12.5, Now), Cancel);
        await table.WriteAsync(new AlertChange(alert, 12.5, Now), Cancel);
        alert.ClearedAt = Now.AddMinutes(2);
        await table.WriteAsync(new AlertChange(alert, 1, Now.AddMinutes(2)), Cancel);
        await table.WriteAsync(new AlertChange(alert, 1, Now.AddMinutes(3)), Cancel);

        Alert stored = Assert.Single(await table.ListAsync(Projects.Default, 10, Cancel));
        Assert.Equal((alert.Id, 12.5, Now, Now.AddMinutes(2)), (stored.Id, stored.Value, stored.RaisedAt, stored.ClearedAt));
        IReadOnlyList<LogEvent> events = await core.Get<EventLog>().ReadAsync(0, null, 10, Cancel);
        Assert.Equal([(1L, EventAction.System), (2L, EventAction.System)], events.Select(e => (e.Id, e.Action)));
        Assert.Contains("alert_raised", System.Text.Encoding.UTF8.GetString(events[0].Payload.Span), StringComparison.Ordinal);
        Assert.Contains("alert_cleared", System.Text.Encoding.UTF8.GetString(events[1].Payload.Span), StringComparison.Ordinal);
    }

    /// <summary>While replicas are upgraded one after the other.</summary>
    [Theory, EveryDatabase]
    public async Task WhatOnlyANewerReplicaMeasuresIsLeftToIt(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind);
        AlertTable table = core.Get<AlertTable>();
        Alert alert = AlertCore.Raised(SomeRule.Above(5), 12.5);
        await table.WriteAsync(new AlertChange(alert, 12.5, Now), Cancel);
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
        await db.Set<Alert>().ExecuteUpdateAsync(set => set.SetProperty(a => a.Measure, (AlertMeasure)99), Cancel);

        await table.RefreshAsync(Cancel);

        Assert.Empty(core.Get<AlertBoard>().Stored);
        Assert.Empty(await table.ListAsync(Projects.Default, 10, Cancel));
    }

    [Theory, EveryDatabase]
    public async Task WhatIsMutedIsKeptToTheHistory(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind);
        AlertTable table = core.Get<AlertTable>();
        AlertBoard board = core.Get<AlertBoard>();
        AlertRule rule = SomeRule.Above(5);
        await table.MuteAsync(rule.ProjectId, rule.Key, TimeProvider.System.UtcNow().AddHours(1), Actor.System, Cancel);

        var raised = new AlertChange(AlertCore.Raised(rule, 9), 9, Now);
        core.Get<AlertOutbox>().Add([raised]);
        await table.WriteAsync(raised, Cancel);
        await table.RefreshAsync(Cancel);

        Assert.Empty(await core.Get<EventLog>().ReadAsync(0, null, 10, Cancel));
        Assert.True(Assert.Single(board.Open(Projects.Default)).IsMuted);
        await table.MuteAsync(rule.ProjectId, rule.Key, null, Actor.System, Cancel);
        Assert.False(Assert.Single(board.Open(Projects.Default)).IsMuted);
    }

    [Theory, EveryDatabase]
    public async Task OnlyTheFirstAcknowledges(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind);
        AlertTable table = core.Get<AlertTable>();
        Alert alert = AlertCore.Raised(SomeRule.Above(5), 9);
        await table.WriteAsync(new AlertChange(alert, 9, Now), Cancel);

        Assert.False(await table.AcknowledgeAsync(Projects.Default + 1, alert.Id, "stranger", Actor.System, Cancel));
        Assert.True(await table.AcknowledgeAsync(Projects.Default, alert.Id, "ada", Actor.System, Cancel));
        Assert.False(await table.AcknowledgeAsync(Projects.Default, alert.Id, "bob", Actor.System, Cancel));
        Assert.Equal("ada", Assert.Single(core.Get<AlertBoard>().Open(Projects.Default)).Alert.AcknowledgedBy);
    }

    [Theory, EveryDatabase]
    public async Task RulesAreKeptPerProject(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind);
        AlertRules rules = core.Get<AlertRules>();
        AlertRule rule = SomeRule.Above(5);

        Assert.Empty(await rules.SaveAsync(rule, Actor.System, Cancel));
        rule.Threshold = 7;
        Assert.Empty(await rules.SaveAsync(rule, Actor.System, Cancel));
        Assert.NotEmpty(await rules.SaveAsync(SomeRule.Above(-1), Actor.System, Cancel));

        Assert.Equal(7, Assert.Single(await rules.ListAsync(Projects.Default, Cancel)).Threshold);
        Assert.Empty(await rules.ListAsync(Projects.Default + 1, Cancel));
        await rules.DeleteAsync(Projects.Default + 1, rule.Key, Actor.System, Cancel);
        Assert.Single(core.Get<AlertBoard>().Rules);
        await rules.DeleteAsync(Projects.Default, rule.Key, Actor.System, Cancel);
        Assert.Empty(core.Get<AlertBoard>().Rules);
    }

    [Theory, EveryDatabase]
    public async Task RulesComeByName(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind);
        AlertRules rules = core.Get<AlertRules>();
        foreach (string name in (string[])["Zebra", "bold", "ähnlich"])
        {
            AlertRule rule = SomeRule.Above(5);
            rule.Name = name;
            Assert.Empty(await rules.SaveAsync(rule, Actor.System, Cancel));
        }

        Assert.Equal(["ähnlich", "bold", "Zebra"], (await rules.ListAsync(Projects.Default, Cancel)).Select(r => r.Name));
    }

    [Theory, EveryDatabase]
    public async Task OneReplicaHasTheTurn(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind);
        var options = new MonitoringOptions { Replica = "other" };
        var other = ActivatorUtilities.CreateInstance<AlertLease>(core.Services, Microsoft.Extensions.Options.Options.Create(options));
        AlertLease own = core.Get<AlertLease>();

        Assert.True(await own.TryTakeAsync(Cancel));
        Assert.True(await own.TryTakeAsync(Cancel));
        Assert.False(await other.TryTakeAsync(Cancel));
    }

    [Theory, EveryDatabase]
    public async Task AnAlertThatAReplicaLeftBehindIsCleared(DatabaseKind kind)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(Now));
        await using TestCore core = await AlertCore.StartAsync(kind, time);
        using var loop = ActivatorUtilities.CreateInstance<ProjectAlertLoop>(core.Services);
        await RaiseAsync(core, "gone:1");
        Alert alive = await RaiseAsync(core, "alive:2");

        for (int i = 0; i < 36; i++)
        {
            await core.Get<AlertTable>().SeeAsync("alive:2", Cancel);
            await loop.LookAsync(Cancel);
            time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal([alive.Id], core.Get<AlertBoard>().Open(Projects.Default).Select(a => a.Alert.Id));
    }

    [Theory, EveryDatabase]
    public async Task WhileTheDatabaseIsAwayNobodyCanSayThatTheirsStillHold(DatabaseKind kind)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(Now));
        await using TestCore core = await AlertCore.StartAsync(kind, time);
        using var loop = ActivatorUtilities.CreateInstance<ProjectAlertLoop>(core.Services);
        await RaiseAsync(core, "other:2");
        await RaiseAsync(core, core.Get<Microsoft.Extensions.Options.IOptions<MonitoringOptions>>().Value.Replica);
        await loop.LookAsync(Cancel);

        time.Advance(TimeSpan.FromMinutes(3));
        await loop.LookAsync(Cancel);

        Assert.Equal(2, core.Get<AlertBoard>().Open(Projects.Default).Count());
    }

    [Theory, EveryDatabase]
    public async Task OneThatIsWrittenLateIsSeenThen(DatabaseKind kind)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(Now));
        await using TestCore core = await AlertCore.StartAsync(kind, time);
        time.Advance(TimeSpan.FromMinutes(3));

        await RaiseAsync(core, "other:2");

        await core.Get<AlertTable>().RefreshAsync(Cancel);
        Assert.Equal((Now, Now.AddMinutes(3)), (Assert.Single(core.Get<AlertBoard>().Stored).RaisedAt, core.Get<AlertBoard>().Stored.Single().SeenAt));
    }

    private static async Task<Alert> RaiseAsync(TestCore core, string replica)
    {
        Alert alert = AlertCore.Raised(SomeRule.Above(5, project: AlertRule.Server), 9);
        alert.Replica = replica;
        await core.Get<AlertTable>().WriteAsync(new AlertChange(alert, 9, Now), Cancel);
        return alert;
    }
}
