using LlmEval.Core.Events;

namespace LlmEval.Core.Outbound;

/// <summary>The types of events, as subscriptions and deliveries name them.</summary>
public static class EventNames
{
    public const string Test = "test";

    private static readonly string[] Names = ["new_trace", "updated_trace", "deleted_trace", "evaluation_updates", "system_updates"];

    public static IReadOnlyList<string> All => Names;

    public static string Of(EventAction action) => Names[(int)action];

    public static EventAction ActionOf(string name) => (EventAction)Array.IndexOf(Names, name);
}
