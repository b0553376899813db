using LlmEval.Core.Access;
using LlmEval.Core.Alerts;
using LlmEval.Web.Access;

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
    public const string OfTheServer = "This is of the server and concerns every project: it takes an owner, or an administrator of the project default.";

    /// <summary>Whether somebody may mute a rule, or say that they look after its alerts.</summary>
    /// <param name="projectId">Whose rule it is: a project, or the server.</param>
    public static bool MayTend(Caller? caller, int projectId) =>
        caller is not null && (projectId == AlertRule.Server ? caller.AdministersServer || caller.IsOwner : caller.May(Rights.Evaluate));
}
