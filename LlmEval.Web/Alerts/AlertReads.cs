using LlmEval.Core.Alerts;

namespace LlmEval.Web.Alerts;

/// <summary>What the page of alerts reads and writes.</summary>
public sealed record AlertReads(
    Func<int, int, CancellationToken, Task<IReadOnlyList<Alert>>> History,
    Func<int, CancellationToken, Task<IReadOnlyList<string>>> ModelNames,
    Func<AlertRule, CancellationToken, Task<IReadOnlyList<string>>> Save,
    Func<int, string, CancellationToken, Task> Delete,
    Func<int, Guid, string?, CancellationToken, Task> Acknowledge,
    Func<int, string, DateTime?, CancellationToken, Task> Mute);
