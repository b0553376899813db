namespace LlmEval.Core.Alerts;

/// <summary>How far a rule has come, of one thing that it watches.</summary>
public enum AlertPhase : byte
{
    /// <summary>All is well.</summary>
    Quiet,

    /// <summary>Bad, but not for long enough.</summary>
    Pending,

    /// <summary>The alert is open.</summary>
    Raised,

    /// <summary>Open still, good again, but not for long enough.</summary>
    Clearing,
}

/// <param name="Since">When the phase began.</param>
public readonly record struct AlertState(AlertPhase Phase, DateTime Since)
{
    /// <summary>Since when nothing could be said; null when the last look could.</summary>
    public DateTime? SilentSince { get; init; }

    public bool IsOpen => Phase is AlertPhase.Raised or AlertPhase.Clearing;
}

/// <summary>
/// Whether an alert is raised or cleared. It takes a while of bad to raise one and a while of good to clear it, and between bad and
/// good lies a stretch that is neither: a value that hovers at the threshold makes one alert, not many. Nothing to measure is neither
/// bad nor good, and changes nothing until it has lasted: else requests that fail in bursts would make an alert each.
/// </summary>
public static class AlertEvaluator
{
    /// <param name="value">What was measured; null when nothing can be said.</param>
    public static AlertState Next(AlertRule rule, AlertState state, double? value, DateTime now)
    {
        if (value is null)
        {
            return InSilence(rule, state, now);
        }

        bool bad = rule.IsBad(value);
        AlertState next = state.Phase switch
        {
            AlertPhase.Quiet when bad => new AlertState(AlertPhase.Pending, now),
            AlertPhase.Pending when !bad => new AlertState(AlertPhase.Quiet, now),
            AlertPhase.Raised when rule.IsGood(value) => new AlertState(AlertPhase.Clearing, now),
            AlertPhase.Clearing when !rule.IsGood(value) => new AlertState(AlertPhase.Raised, now),
            _ => state with { SilentSince = null },
        };
        TimeSpan lasted = now - next.Since;
        return next.Phase switch
        {
            AlertPhase.Pending when lasted >= TimeSpan.FromSeconds(rule.ForSeconds) => new AlertState(AlertPhase.Raised, now),
            AlertPhase.Clearing when lasted >= rule.ClearFor => new AlertState(AlertPhase.Quiet, now),
            _ => next,
        };
    }

    // What was good when it was last heard of goes on being good.
    private static AlertState InSilence(AlertRule rule, AlertState state, DateTime now)
    {
        DateTime since = state.SilentSince ?? now;
        bool isOver = now - since >= rule.ForgetAfter || (state.Phase == AlertPhase.Clearing && now - state.Since >= rule.ClearFor);
        return isOver ? new AlertState(AlertPhase.Quiet, now) : state with { SilentSince = since };
    }
}
