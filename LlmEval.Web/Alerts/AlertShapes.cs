using System.Text.Json.Serialization;
using LlmEval.Core.Alerts;

namespace LlmEval.Web.Alerts;

/// <summary>A rule as it is sent. What is left out stays, or takes its default.</summary>
/// <param name="Measure">The name of one of <see cref="AlertMeasures.All"/>.</param>
/// <param name="ModelName">Empty for every model together.</param>
/// <param name="Condition"><c>above</c> or <c>below</c> the threshold is bad.</param>
internal sealed record AlertRuleRequest(
    [property: JsonPropertyName("name")] string? Name = null,
    [property: JsonPropertyName("measure")] string? Measure = null,
    [property: JsonPropertyName("model_name")] string? ModelName = null,
    [property: JsonPropertyName("condition")] string? Condition = null,
    [property: JsonPropertyName("threshold")] double? Threshold = null,
    [property: JsonPropertyName("window_seconds")] int? WindowSeconds = null,
    [property: JsonPropertyName("for_seconds")] int? ForSeconds = null,
    [property: JsonPropertyName("least_samples")] int? LeastSamples = null,
    [property: JsonPropertyName("enabled")] bool? Enabled = null)
{
    private const string Above = "above";
    private const string Below = "below";

    /// <param name="before">Null for a new rule.</param>
    /// <param name="faults">Every rule that it breaks.</param>
    /// <returns>Null when there are faults.</returns>
    public AlertRule? Over(AlertRule? before, int projectId, out IReadOnlyList<string> faults)
    {
        var found = new List<string>();
        AlertMeasureFacts? facts = Measure is null && before is not null ? before.Facts : AlertMeasures.All.FirstOrDefault(f => f.Name == Measure);
        if (facts is null)
        {
            found.Add($"measure: must be one of {string.Join(", ", AlertMeasures.All.Select(f => f.Name))}");
        }

        if (Threshold is null && before is null)
        {
            found.Add("threshold: is required");
        }

        if (Condition is not (null or Above or Below))
        {
            found.Add($"condition: must be {Above} or {Below}");
        }

        faults = found;
        if (found.Count > 0)
        {
            return null;
        }

        var rule = new AlertRule
        {
            Key = before?.Key ?? Guid.NewGuid().ToString("N"),
            ProjectId = projectId,
            Name = (Name ?? before?.Name ?? "").Trim(),
            Measure = facts!.Measure,
            ModelName = (ModelName ?? before?.ModelName) is { Length: > 0 } model ? model : null,
            WhenBelow = Condition is null ? before?.WhenBelow ?? facts.UsuallyBelow : Condition == Below,
            Threshold = Threshold ?? before!.Threshold,
            WindowSeconds = WindowSeconds ?? before?.WindowSeconds ?? 3_600,
            ForSeconds = ForSeconds ?? before?.ForSeconds ?? 300,
            LeastSamples = LeastSamples ?? before?.LeastSamples ?? (facts.WantsSamples ? 20 : 0),
            IsEnabled = Enabled ?? before?.IsEnabled ?? true,
        };
        faults = [.. RuleTexts.FindFaults(rule).Select(f => $"{f.Field}: {f.Text}")];
        return faults.Count > 0 ? null : rule;
    }
}

/// <summary>A rule as it is answered.</summary>
/// <param name="BuiltIn">Of the server: it is changed in its configuration.</param>
/// <param name="MutedUntil">Null when its alerts are announced.</param>
internal sealed record AlertRuleShape(
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("measure")] string Measure,
    [property: JsonPropertyName("model_name")] string? ModelName,
    [property: JsonPropertyName("condition")] string Condition,
    [property: JsonPropertyName("threshold")] double Threshold,
    [property: JsonPropertyName("window_seconds")] int WindowSeconds,
    [property: JsonPropertyName("for_seconds")] int ForSeconds,
    [property: JsonPropertyName("least_samples")] int LeastSamples,
    [property: JsonPropertyName("enabled")] bool Enabled,
    [property: JsonPropertyName("built_in")] bool BuiltIn,
    [property: JsonPropertyName("muted_until")] DateTime? MutedUntil)
{
    public static AlertRuleShape Of(AlertRule rule, AlertBoard board) => new(
        rule.Key,
        rule.Name,
        rule.Facts.Name,
        rule.ModelName,
        rule.WhenBelow ? "below" : "above",
        rule.Threshold,
        rule.WindowSeconds,
        rule.ForSeconds,
        rule.LeastSamples,
        rule.IsEnabled,
        rule.IsBuiltIn,
        board.MutedUntil(rule.ProjectId, rule.Key));
}

internal sealed record AlertRuleListShape([property: JsonPropertyName("items")] IReadOnlyList<AlertRuleShape> Items);

/// <summary>For how long a rule's alerts are kept to the history.</summary>
internal sealed record MuteRequest([property: JsonPropertyName("until")] DateTimeOffset? Until = null);

/// <summary>An alert as it is answered.</summary>
/// <param name="Replica">Which server process measured it; null where the figures are of all.</param>
internal sealed record AlertShape(
    [property: JsonPropertyName("id")] Guid Id,
    [property: JsonPropertyName("rule")] string Rule,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("measure")] string Measure,
    [property: JsonPropertyName("model_name")] string? ModelName,
    [property: JsonPropertyName("replica")] string? Replica,
    [property: JsonPropertyName("condition")] string Condition,
    [property: JsonPropertyName("threshold")] double Threshold,
    [property: JsonPropertyName("value")] double Value,
    [property: JsonPropertyName("raised_at")] DateTime RaisedAt,
    [property: JsonPropertyName("cleared_at")] DateTime? ClearedAt,
    [property: JsonPropertyName("acknowledged_at")] DateTime? AcknowledgedAt,
    [property: JsonPropertyName("acknowledged_by")] string? AcknowledgedBy,
    [property: JsonPropertyName("muted")] bool Muted)
{
    public static AlertShape Of(Alert alert, bool isMuted) => new(
        alert.Id,
        alert.RuleKey,
        alert.Name,
        alert.Measure.Facts().Name,
        alert.ModelName,
        alert.Replica.Length > 0 ? alert.Replica : null,
        alert.WhenBelow ? "below" : "above",
        alert.Threshold,
        alert.Value,
        alert.RaisedAt,
        alert.ClearedAt,
        alert.AcknowledgedAt,
        alert.AcknowledgedBy,
        isMuted);
}

internal sealed record AlertListShape([property: JsonPropertyName("items")] IReadOnlyList<AlertShape> Items);
