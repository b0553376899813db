namespace LlmEval.Core.Alerts;

/// <summary>An alert that was raised or cleared just now. It is written later, maybe much later: what becomes of the alert meanwhile does not change it.</summary>
public sealed class AlertChange(Alert alert, double? value, DateTime at)
{
    /// <summary>As it was then.</summary>
    public Alert Alert { get; } = alert.Copy();

    public bool IsRaised { get; } = alert.IsOpen;

    public double? Value { get; } = value;

    public DateTime At { get; } = at;
}

/// <summary>Follows rules over time and tells of what changes. For one caller at a time.</summary>
internal sealed class AlertTracker(string replica)
{
    private readonly Dictionary<string, Followed> _rules = [];

    /// <summary>The alerts that it holds open.</summary>
    public IEnumerable<Alert> Open => _rules.Values.Select(followed => followed.Alert).OfType<Alert>();

    /// <param name="stored">
    /// What is open in the database: an alert that an earlier process of this name left behind is taken over, whenever it becomes known. The database
    /// may be read for the first time long after the first look.
    /// </param>
    public AlertChange? Follow(AlertRule rule, double? value, DateTime now, IEnumerable<Alert> stored)
    {
        if (!_rules.TryGetValue(rule.Key, out Followed? followed))
        {
            followed = new Followed { State = new AlertState(AlertPhase.Quiet, now) };
            _rules.Add(rule.Key, followed);
        }

        if (!followed.State.IsOpen && stored.FirstOrDefault(a => a.RuleKey == rule.Key && a.Replica == replica && a.IsOpen) is { } left)
        {
            (followed.Alert, followed.State) = (left, new AlertState(AlertPhase.Raised, now));
        }

        bool wasOpen = followed.State.IsOpen;
        followed.State = AlertEvaluator.Next(rule, followed.State, value, now);
        if (followed.State.IsOpen == wasOpen)
        {
            return null;
        }

        if (followed.State.IsOpen)
        {
            followed.Alert = Raise(rule, value ?? 0, now);
            return new AlertChange(followed.Alert, value, now);
        }

        return Clear(followed, value, now);
    }

    /// <summary>Clears the alerts of rules that are no more, or were switched off.</summary>
    public IReadOnlyList<AlertChange> Forget(IEnumerable<AlertRule> current, DateTime now)
    {
        HashSet<string> keys = [.. current.Select(rule => rule.Key)];
        var changes = new List<AlertChange>();
        foreach ((string key, Followed followed) in _rules.Where(entry => !keys.Contains(entry.Key)).ToList())
        {
            _rules.Remove(key);
            if (followed.Alert is not null)
            {
                changes.Add(Clear(followed, value: null, now));
            }
        }

        return changes;
    }

    /// <summary>Forgets everything without a word: another replica follows the rules now.</summary>
    public void Drop() => _rules.Clear();

    private static AlertChange Clear(Followed followed, double? value, DateTime now)
    {
        Alert alert = followed.Alert!.Cleared(now);
        followed.Alert = null;
        return new AlertChange(alert, value, now);
    }

    private Alert Raise(AlertRule rule, double value, DateTime now) => new()
    {
        Id = Guid.CreateVersion7(new DateTimeOffset(now)),
        ProjectId = rule.ProjectId,
        RuleKey = rule.Key,
        Name = rule.Name,
        Measure = rule.Measure,
        ModelName = rule.ModelName,
        Replica = replica,
        WhenBelow = rule.WhenBelow,
        Threshold = rule.Threshold,
        Value = value,
        RaisedAt = now,
        SeenAt = now,
    };

    private sealed class Followed
    {
        public AlertState State { get; set; }
        public Alert? Alert { get; set; }
    }
}
