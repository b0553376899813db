using LlmEval.Core.Events;

namespace LlmEval.Core.Outbound;

/// <summary>The types of events, as subscriptions and deliveries name them.</summary>
public static class EventNames
{
    public const string Test = "test";

    private static readonly string[] Names = ["new_trace", "updated_trace", "deleted_trace", "evaluation_updates", "system_updates"];

    public static IReadOnlyList<string> All => Names;

    /// <summary>What happens to the system has one name.</summary>
    public static string Of(EventAction action) => Names[(int)(action == EventAction.SweptTraces ? EventAction.System : action)];

    public static IEnumerable<EventAction> ActionsOf(string name) => Enum.GetValues<EventAction>().Where(action => Of(action) == name);
}
