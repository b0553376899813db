using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Events;

public class EventFilterTests
{
    private static readonly EventFilter All = new(Projects.Default);

    [Fact]
    public void AnotherProjectsEventIsNeverTaken() => Assert.False(All.Takes(SomeEvent.At(1, project: 2)));

    [Fact]
    public void OneOfTheModelsIsEnough()
    {
        EventFilter filter = All with { ModelNames = ["a", "b"] };
        Assert.True(filter.Takes(SomeEvent.At(1, model: "b")));
        Assert.False(filter.Takes(SomeEvent.At(1, model: "c")));
    }

    [Fact]
    public void AnEvaluationMatchesByItsOldOrItsNewStatus()
    {
        LogEvent accepted = SomeEvent.At(1, EventAction.Evaluated, status: EvaluationStatus.Accepted, previous: EvaluationStatus.Pending);
        Assert.True((All with { Statuses = [EvaluationStatus.Accepted] }).Takes(accepted));
        Assert.True((All with { Statuses = [EvaluationStatus.Pending] }).Takes(accepted));
        Assert.False((All with { Statuses = [EvaluationStatus.Rejected] }).Takes(accepted));
    }

    [Fact]
    public void AKindThatOnlyANewerReplicaKnowsIsNoCallersAndMayHaveChangedAnything()
    {
        LogEvent unknown = SomeEvent.At(1, (EventAction)200);

        Assert.False(All.Takes(unknown));
        Assert.True(EventFilter.Everything.Takes(unknown));
        Assert.True(unknown.ChangesAnyTrace);
    }

    [Fact]
    public void SystemEventsReachUnfilteredReadersOnly()
    {
        LogEvent alert = SomeEvent.At(1, EventAction.System, model: "");
        Assert.True(All.Takes(alert));
        Assert.False((All with { Statuses = [EvaluationStatus.Pending] }).Takes(alert));
        Assert.False((All with { Channel = EventChannel.TraceUpdates }).Takes(alert));
    }
}
