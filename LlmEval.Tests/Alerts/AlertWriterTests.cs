using System.Text;
using LlmEval.Core.Access;
using LlmEval.Core.Alerts;
using LlmEval.Core.Events;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Alerts;

/// <summary>What is raised and cleared while nothing can be written.</summary>
public class AlertWriterTests
{
    private static readonly DateTime Now = SomeTrace.Now;

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(Now));
    private readonly StorageReadiness _readiness = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task EachIsToldAtOnceAndAllAreWrittenInOrderLater(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind, _time);
        using AlertWriter writer = await WriteAsync(core);
        Alert[] raised = [.. Enumerable.Range(1, 3).Select(i => AlertCore.Raised(SomeRule.Above(5), i))];

        core.Get<AlertOutbox>().Add(raised.Select(alert => new AlertChange(alert, alert.Value, Now)));
        await UntilAsync(() => core.Get<EventNotices>().Last == raised.Length);

        Assert.Equal(raised.Select(a => a.Id), core.Get<EventNotices>().Between(0, raised.Length, EventFilter.Everything).Select(IdOf));
        Assert.Empty(await core.Get<AlertTable>().ListAsync(Projects.Default, 10, Cancel));
        _readiness.Set();
        IReadOnlyList<LogEvent> logged = await UntilLoggedAsync(core, raised.Length);
        Assert.Equal(raised.Select(a => a.Id), logged.Select(IdOf));
        await writer.StopAsync(Cancel);
    }

    [Theory, EveryDatabase]
    public async Task OfWhatWasToldItIsToldThatItIsOverAlsoWhileItsRuleIsMuted(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind, _time);
        using AlertWriter writer = await WriteAsync(core);
        AlertOutbox outbox = core.Get<AlertOutbox>();
        (AlertRule told, AlertRule muted) = (SomeRule.Above(5), SomeRule.Above(5));
        Alert first = AlertCore.Raised(told, 9);
        Alert kept = AlertCore.Raised(muted, 9);
        outbox.Add([new AlertChange(first, 9, Now)]);
        core.Get<AlertBoard>().Take([], [], [.. new[] { told, muted }.Select(r => new AlertMute { ProjectId = r.ProjectId, RuleKey = r.Key, Until = Now.AddHours(1) })]);
        outbox.Add([new AlertChange(kept, 9, Now), new AlertChange(kept.Cleared(Now), 1, Now), new AlertChange(first.Cleared(Now), 1, Now)]);

        await UntilAsync(() => core.Get<EventNotices>().Last == 2);

        IReadOnlyList<LogEvent> notices = core.Get<EventNotices>().Between(0, 2, EventFilter.Everything);
        Assert.Equal([first.Id, first.Id], notices.Select(IdOf));
        Assert.Contains("alert_cleared", TextOf(notices[1]), StringComparison.Ordinal);
        _readiness.Set();
        Assert.Equal([first.Id, first.Id], (await UntilLoggedAsync(core, 2)).Select(IdOf));
        await writer.StopAsync(Cancel);
    }

    [Theory, EveryDatabase]
    public async Task WhatIsRaisedAndClearedMeanwhileIsInTheLogAndTheHistory(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind, _time);
        using AlertWriter writer = await WriteAsync(core);
        var tracker = new AlertTracker("");
        AlertRule rule = SomeRule.Above(5, forSeconds: 0);

        AlertChange raised = tracker.Follow(rule, 9, Now, [])!;
        core.Get<AlertOutbox>().Add([raised]);
        Assert.Null(tracker.Follow(rule, 0, Now.AddSeconds(1), []));
        AlertChange cleared = tracker.Follow(rule, 0, Now.AddHours(1), [])!;
        core.Get<AlertOutbox>().Add([cleared]);

        Assert.True(raised.IsRaised);
        Assert.False(cleared.IsRaised);
        _readiness.Set();
        IReadOnlyList<LogEvent> logged = await UntilLoggedAsync(core, 2);
        Assert.Contains("alert_raised", TextOf(logged[0]), StringComparison.Ordinal);
        Assert.Contains("alert_cleared", TextOf(logged[1]), StringComparison.Ordinal);
        Alert stored = Assert.Single(await core.Get<AlertTable>().ListAsync(Projects.Default, 10, Cancel));
        Assert.Equal((raised.Alert.Id, Now, Now.AddHours(1)), (stored.Id, stored.RaisedAt, stored.ClearedAt));
        await writer.StopAsync(Cancel);
    }

    [Theory, EveryDatabase]
    public async Task WhatIsOverIsNotOpenAgainWhenItsBeginningIsWritten(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind, _time);
        AlertTable table = core.Get<AlertTable>();
        AlertBoard board = core.Get<AlertBoard>();
        Alert alert = AlertCore.Raised(SomeRule.Above(5), 9);
        var raised = new AlertChange(alert, 9, Now);
        var cleared = new AlertChange(alert.Cleared(Now.AddMinutes(1)), 0, Now.AddMinutes(1));
        board.Take(raised);
        board.Take(cleared);
        await table.RefreshAsync(Cancel);

        await table.WriteAsync(raised, Cancel);
        await table.RefreshAsync(Cancel);

        Assert.Empty(board.Open(Projects.Default));
        Assert.Empty(board.Stored);
        await table.WriteAsync(cleared, Cancel);
        await table.RefreshAsync(Cancel);
        Assert.Empty(board.Open(Projects.Default));
    }

    private async Task<AlertWriter> WriteAsync(TestCore core)
    {
        AlertWriter writer = ActivatorUtilities.CreateInstance<AlertWriter>(core.Services, _readiness);
        await writer.StartAsync(Cancel);
        return writer;
    }

    private async Task<IReadOnlyList<LogEvent>> UntilLoggedAsync(TestCore core, int count)
    {
        IReadOnlyList<LogEvent> logged = [];
        await Eventually.TrueAsync(async () =>
        {
            Pass();
            logged = await core.Get<EventLog>().ReadAsync(0, null, 10, Cancel);
            return logged.Count >= count;
        });
        return logged;
    }

    private Task UntilAsync(Func<bool> holds) => Eventually.TrueAsync(() =>
    {
        Pass();
        return holds();
    });

    // By little: a statement has a few seconds of this clock.
    private void Pass() => _time.Advance(TimeSpan.FromMilliseconds(100));

    private static string TextOf(LogEvent e) => Encoding.UTF8.GetString(e.Payload.Span);

    private static Guid IdOf(LogEvent e) => Guid.Parse(TextOf(e).Split("\"alert_id\":\"")[1].AsSpan(0, 36));
}
