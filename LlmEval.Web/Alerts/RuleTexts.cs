using LlmEval.Core.Alerts;
using LlmEval.Core.Ingestion;

namespace LlmEval.Web.Alerts;

/// <summary>What the texts of a rule may be, however it was typed: they stand in logs and messages, and PostgreSQL has no U+0000.</summary>
internal static class RuleTexts
{
    /// <summary>Everything that is wrong with a rule.</summary>
    public static IReadOnlyList<AlertRuleFault> FindFaults(AlertRule rule)
    {
        List<AlertRuleFault> faults = [.. rule.FindFaults()];
        if (rule.ModelName is { } model && (model.Length > TraceLimits.NameCharacters * 2 || model.Any(char.IsControl)))
        {
            faults.Add(new("model_name", $"The name of a model has at most {TraceLimits.NameCharacters} characters, none of them a control character."));
        }

        return faults;
    }
}
