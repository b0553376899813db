using LlmEval.Core.Access;
using LlmEval.Core.Alerts;

namespace LlmEval.Web.Alerts;

/// <summary>What the page of alerts reads and writes.</summary>
public sealed record AlertReads(
    Func<int, int, CancellationToken, Task<IReadOnlyList<Alert>>> History,
    Func<int, CancellationToken, Task<IReadOnlyList<string>>> ModelNames,
    Func<AlertRule, Actor, CancellationToken, Task<IReadOnlyList<string>>> Save,
    Func<int, string, Actor, CancellationToken, Task> Delete,
    Func<int, Guid, string?, Actor, CancellationToken, Task> Acknowledge,
    Func<int, string, DateTime?, Actor, CancellationToken, Task> Mute)
{
    /// <summary>Rules of the server concern every project.</summary>
    public static Rights NeededToMute(int projectId) => projectId == AlertRule.Server ? Rights.Admin : Rights.Evaluate;
}
