using System.Text;
using LlmEval.Core.Access;
using LlmEval.Core.Alerts;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Alerts;

/// <summary>Who was told that an alert is raised is told that it is over, and nobody else; what a mute kept back is told when it ends.</summary>
public class MutedAlertTests
{
    private static readonly DateTime Now = SomeTrace.Now;

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(Now));
    private readonly AlertRule _rule = SomeRule.Above(5, AlertMeasure.FailedTraces);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task WhatWasAnnouncedIsAnnouncedToBeOverAlsoWhileItsRuleIsMuted(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind, _time);
        Alert alert = AlertCore.Raised(_rule, 9);
        await AddAsync(core, new AlertChange(alert, 9, Now));
        await MuteAsync(core, Now.AddHours(1));

        AlertChange cleared = await AddAsync(core, new AlertChange(alert.Cleared(Now.AddMinutes(1)), 1, Now.AddMinutes(1)));

        Assert.NotNull(cleared.Alert.AnnouncedAt);
        Assert.Equal(["alert_raised", "alert_cleared"], await ToldAsync(core));
    }

    [Theory, EveryDatabase]
    public async Task WhatBeganAndEndedWhileItsRuleWasMutedIsToldToNobody(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind, _time);
        Alert alert = AlertCore.Raised(_rule, 9);
        await MuteAsync(core, Now.AddHours(1));
        await AddAsync(core, new AlertChange(alert, 9, Now));

        AlertChange cleared = await AddAsync(core, new AlertChange(alert.Cleared(Now.AddMinutes(1)), 1, Now.AddMinutes(1)));
        _time.Advance(TimeSpan.FromHours(2));
        await LookAsync(core, times: 2);

        Assert.Null(cleared.Alert.AnnouncedAt);
        Assert.Empty(await ToldAsync(core));
        Alert stored = Assert.Single(await core.Get<AlertTable>().ListAsync(Projects.Default, 10, Cancel));
        Assert.Equal(Now.AddMinutes(1), stored.ClearedAt);
    }

    [Theory, EveryDatabase]
    public async Task WhatHoldsStillWhenAMuteEndsIsToldThenAndWhenItIsOver(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind, _time);
        Alert alert = await RaiseMutedAsync(core);
        await LookAsync(core, times: 1);
        Assert.Empty(await ToldAsync(core));

        _time.Advance(TimeSpan.FromHours(2));
        await LookAsync(core, times: 3);

        Assert.Equal(["alert_raised"], await ToldAsync(core));
        DateTime over = Now.AddHours(3);
        AlertChange cleared = await AddAsync(core, new AlertChange(alert.Cleared(over), 1, over));
        Assert.NotNull(cleared.Alert.AnnouncedAt);
        Assert.Equal(["alert_raised", "alert_cleared"], await ToldAsync(core));
    }

    [Theory, EveryDatabase]
    public async Task WhatHoldsStillWhenAMuteIsLiftedIsToldByOneOfTheReplicas(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind, _time);
        await RaiseMutedAsync(core);
        Alert known = Assert.Single(core.Get<AlertBoard>().Stored);

        await MuteAsync(core, null);
        await LookAsync(core, times: 1);

        // Another one read it before that.
        Assert.False(await core.Get<AlertTable>().AnnounceAsync(new AlertChange(known, 9, Now), Cancel));
        Assert.Equal(["alert_raised"], await ToldAsync(core));
    }

    /// <summary>It may be told of by another replica in the moment before it is over, which this one does not know yet.</summary>
    [Theory, EveryDatabase]
    public async Task WhatAnotherReplicaAnnouncedIsAnnouncedToBeOver(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind, _time);
        Alert alert = await RaiseMutedAsync(core);
        await core.Get<AlertTable>().AnnounceAsync(new AlertChange(alert, 9, Now), Cancel);

        AlertChange cleared = await AddAsync(core, new AlertChange(alert.Cleared(Now.AddMinutes(1)), 1, Now.AddMinutes(1)));

        Assert.Null(cleared.Alert.AnnouncedAt);
        Assert.Equal(["alert_raised", "alert_cleared"], await ToldAsync(core));
    }

    /// <summary>While replicas are upgraded one after the other: it names no time of announcing, and has announced it.</summary>
    [Theory, EveryDatabase]
    public async Task WhatAReplicaOfTheVersionBeforeRaisedCountsAsAnnounced(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind, _time);
        await using (LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel))
        {
            string at = kind == DatabaseKind.Sqlite ? $"{Now.ToUnixMicroseconds()}" : $"'{Now:yyyy-MM-dd HH:mm:ss}Z'";
#pragma warning disable EF1002 // Nothing in it is anybody's.
            await db.Database.ExecuteSqlRawAsync(
                $"""
                INSERT INTO alerts (id, project_id, rule_key, name, measure, replica, when_below, threshold, value, raised_at, seen_at)
                VALUES ('{Guid.CreateVersion7().ToString().ToUpperInvariant()}', 1, 'any', 'Too much', 1, '', false, 5, 9, {at}, {at})
                """,
                Cancel);
#pragma warning restore EF1002
        }

        await LookAsync(core, times: 1);

        // The rule is no more: it was cleared by that look, and is announced to be over.
        AlertChange cleared = await FirstAsync(core.Get<AlertOutbox>());
        await core.Get<AlertTable>().WriteAsync(cleared, Cancel);
        Assert.Equal(["alert_cleared"], await ToldAsync(core));
    }

    private async Task<Alert> RaiseMutedAsync(TestCore core)
    {
        await core.Get<AlertRules>().SaveAsync(_rule, Actor.System, Cancel);
        await MuteAsync(core, Now.AddHours(1));
        Alert alert = AlertCore.Raised(_rule, 9);
        await AddAsync(core, new AlertChange(alert, 9, Now));
        await core.Get<AlertTable>().RefreshAsync(Cancel);
        return alert;
    }

    private Task MuteAsync(TestCore core, DateTime? until) => core.Get<AlertTable>().MuteAsync(_rule.ProjectId, _rule.Key, until, Actor.System, Cancel);

    /// <summary>As the loops and the writer do.</summary>
    private static async Task<AlertChange> AddAsync(TestCore core, AlertChange change)
    {
        core.Get<AlertOutbox>().Add([change]);
        await core.Get<AlertTable>().WriteAsync(change, Cancel);
        return change;
    }

    private static async Task LookAsync(TestCore core, int times)
    {
        using var loop = ActivatorUtilities.CreateInstance<ProjectAlertLoop>(core.Services);
        for (int i = 0; i < times; i++)
        {
            await loop.LookAsync(Cancel);
        }
    }

    private static async Task<AlertChange> FirstAsync(AlertOutbox outbox)
    {
        await foreach (AlertChange change in outbox.ReadAllAsync(Cancel))
        {
            return change;
        }

        throw new InvalidOperationException("Nothing was raised or cleared.");
    }

    private static async Task<IEnumerable<string>> ToldAsync(TestCore core) =>
        (await core.Get<EventLog>().ReadAsync(0, null, 10, Cancel)).Select(e => Encoding.UTF8.GetString(e.Payload.Span).Split("\"action\":\"")[1].Split('"')[0]);
}
