using LlmEval.Core.Access;
using LlmEval.Core.Alerts;
using LlmEval.Core.Monitoring;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Alerts;

/// <summary>A process that is started again in its container has the name of the one before: what that left open is its own.</summary>
public class AlertTakeOverTests
{
    private static readonly DateTime Now = SomeTrace.Now;

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(Now));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task WhatTheProcessBeforeLeftOpenIsClearedAlsoWhenItIsReadAfterTheFirstLook(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind, _time);
        AlertTable table = core.Get<AlertTable>();
        AlertRule rule = core.Get<IOptions<AlertOptions>>().Value.ToRules()[0];
        Alert left = AlertCore.Raised(rule, 9);
        left.Replica = core.Get<IOptions<MonitoringOptions>>().Value.Replica;
        await table.WriteAsync(new AlertChange(left, 9, Now), Cancel);
        using var loop = ActivatorUtilities.CreateInstance<ProcessAlertLoop>(core.Services);

        loop.Look();
        await table.RefreshAsync(Cancel);
        Assert.Equal([left.Id], core.Get<AlertBoard>().Open(Projects.Default).Select(a => a.Alert.Id));
        _time.Advance(TimeSpan.FromSeconds(1));
        loop.Look();
        _time.Advance(rule.ForgetAfter);
        loop.Look();

        Assert.Empty(core.Get<AlertBoard>().Open(Projects.Default));
        AlertChange change = await FirstAsync(core.Get<AlertOutbox>());
        Assert.Equal((left.Id, false), (change.Alert.Id, change.IsRaised));
    }

    [Fact]
    public void WhatIsStillBadGoesOnAsTheSameAlert()
    {
        var tracker = new AlertTracker("a:1");
        AlertRule rule = SomeRule.Above(5);
        Alert left = AlertCore.Raised(rule, 9, Now.AddMinutes(-1));
        left.Replica = "a:1";

        Assert.Null(tracker.Follow(rule, 9, Now, []));
        Assert.Null(tracker.Follow(rule, 9, Now.AddSeconds(1), [left]));
        Assert.Null(tracker.Follow(rule, 9, Now.AddMinutes(1), [left]));

        Assert.Equal([left.Id], tracker.Open.Select(a => a.Id));
    }

    [Fact]
    public void WhatAnotherReplicaHasOpenIsLeftAlone()
    {
        var tracker = new AlertTracker("a:1");
        AlertRule rule = SomeRule.Above(5);
        Alert other = AlertCore.Raised(rule, 9);
        other.Replica = "b:1";

        Assert.Null(tracker.Follow(rule, 0, Now, [other]));

        Assert.Empty(tracker.Open);
    }

    [Theory, EveryDatabase]
    public async Task WhatTheProcessBeforeLeftOpenByARuleThatIsNoMoreIsCleared(DatabaseKind kind)
    {
        await using TestCore core = await AlertCore.StartAsync(kind, _time);
        AlertTable table = core.Get<AlertTable>();
        Alert left = AlertCore.Raised(SomeRule.Above(5), 9);
        left.Replica = core.Get<IOptions<MonitoringOptions>>().Value.Replica;
        await table.WriteAsync(new AlertChange(left, 9, Now), Cancel);
        await table.RefreshAsync(Cancel);
        using var loop = ActivatorUtilities.CreateInstance<ProcessAlertLoop>(core.Services);

        loop.Look();

        Assert.Empty(core.Get<AlertBoard>().Open(Projects.Default));
        AlertChange change = await FirstAsync(core.Get<AlertOutbox>());
        Assert.Equal((left.Id, false), (change.Alert.Id, change.IsRaised));
    }

    private static async Task<AlertChange> FirstAsync(AlertOutbox outbox)
    {
        await foreach (AlertChange change in outbox.ReadAllAsync(Cancel))
        {
            return change;
        }

        throw new InvalidOperationException("The outbox has ended.");
    }
}
