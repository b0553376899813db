namespace LlmEval.Core.Alerts;

/// <summary>What is wrong with a rule.</summary>
/// <param name="Field">As the API names it.</param>
/// <param name="Text">A sentence for whoever sees the rule's form.</param>
public readonly record struct AlertRuleFault(string Field, string Text);
