namespace LlmEval.Core.Alerts;

/// <summary>A rule that was broken, from then until it was kept again.</summary>
public sealed class Alert
{
    /// <summary>Made when it is raised, also while there is no database to write it to.</summary>
    public Guid Id { get; set; }

    /// <summary><see cref="AlertRule.Server"/> for one about the server, which concerns every project.</summary>
    public int ProjectId { get; set; }

    public required string RuleKey { get; set; }
    public required string Name { get; set; }
    public AlertMeasure Measure { get; set; }
    public string? ModelName { get; set; }

    /// <summary>Which replica measured it; empty where the figures are of all.</summary>
    public required string Replica { get; set; }

    public bool WhenBelow { get; set; }
    public double Threshold { get; set; }

    /// <summary>What was measured when it was raised.</summary>
    public double Value { get; set; }

    public DateTime RaisedAt { get; set; }

    /// <summary>When its replica last said that it holds: one that is gone clears nothing.</summary>
    public DateTime SeenAt { get; set; }

    /// <summary>When streams and webhooks were told; null as long as its rule is muted. Only of what was told of is it told that it is over.</summary>
    public DateTime? AnnouncedAt { get; set; }

    public DateTime? ClearedAt { get; set; }
    public DateTime? AcknowledgedAt { get; set; }
    public string? AcknowledgedBy { get; set; }

    public bool IsOpen => ClearedAt is null;

    /// <summary>As it is now, whatever becomes of this one.</summary>
    internal Alert Copy() => (Alert)MemberwiseClone();

    /// <summary>The same alert, over.</summary>
    internal Alert Cleared(DateTime at)
    {
        Alert cleared = Copy();
        cleared.ClearedAt = at;
        return cleared;
    }
}

/// <summary>Until when alerts of a rule are kept to the history: they are neither announced nor counted. What holds still is announced then.</summary>
public sealed class AlertMute
{
    public int ProjectId { get; set; }
    public required string RuleKey { get; set; }
    public DateTime Until { get; set; }
}

/// <summary>Which replica evaluates the rules about figures.</summary>
public sealed class AlertTurn
{
    public int Id { get; set; }
    public required string Holder { get; set; }
    public long ExpiresAtMicros { get; set; }
}
