using LlmEval.Core.Primitives;

namespace LlmEval.Core.Events;

/// <summary>
/// Which events a reader takes. Filters test the state that the event carries; an evaluation event matches by the old or the
/// new status; system events reach unfiltered readers only.
/// </summary>
public sealed record EventFilter(int ProjectId)
{
    private const int NoProject = -1;

    /// <summary>Every event of every project: for the product's own followers, never for a caller.</summary>
    public static readonly EventFilter Everything = new(0) { EveryProject = true };

    /// <summary>No event at all: for who is told of something else.</summary>
    public static readonly EventFilter Nothing = new(NoProject);

    private bool EveryProject { get; init; }

    public bool TakesNothing => ProjectId == NoProject;

    /// <summary>Null takes every channel.</summary>
    public EventChannel? Channel { get; init; }

    /// <summary>Empty takes every action.</summary>
    public IReadOnlyList<EventAction> Actions { get; init; } = [];

    /// <summary>Empty takes every model.</summary>
    public IReadOnlyList<string> ModelNames { get; init; } = [];

    /// <summary>Empty takes every status.</summary>
    public IReadOnlyList<EvaluationStatus> Statuses { get; init; } = [];

    private bool TakesAnyState => ModelNames.Count == 0 && Statuses.Count == 0;

    /// <summary>What is about the server concerns every project.</summary>
    private bool IsConcerned(LogEvent e) =>
        EveryProject || e.ProjectId == ProjectId || (e.ProjectId == LogEvent.OfServer && e.Channel == EventChannel.SystemUpdates && ProjectId != NoProject);

    public bool Takes(LogEvent e)
    {
        if (!(EveryProject || e.IsKnown)
            || !IsConcerned(e)
            || (Channel is { } channel && channel != e.Channel)
            || (Actions.Count > 0 && !Actions.Contains(e.Action)))
        {
            return false;
        }

        if (TakesAnyState)
        {
            return true;
        }

        return e.Channel != EventChannel.SystemUpdates
            && (ModelNames.Count == 0 || ModelNames.Contains(e.ModelName))
            && (Statuses.Count == 0 || Statuses.Contains(e.Status) || (e.PreviousStatus is { } previous && Statuses.Contains(previous)));
    }
}
