using LlmEval.Core.Outbound;

namespace LlmEval.Web.Outbound;

/// <summary>The words for webhooks on the wire.</summary>
internal static class SubscriptionWords
{
    public const string Json = "json";
    public const string Slack = "slack";

    private static readonly string[] DeliveryStates = ["waiting", "delivered", "given_up"];

    public static IReadOnlyList<string> AllDeliveryStates => DeliveryStates;

    public static string Of(BodyFormat format) => format == BodyFormat.Slack ? Slack : Json;

    public static BodyFormat FormatOf(string word) => word == Slack ? BodyFormat.Slack : BodyFormat.Json;

    public static string Of(SubscriptionState state) => state switch
    {
        SubscriptionState.Active => "active",
        SubscriptionState.Paused => "paused",
        _ => "disabled",
    };

    public static string Of(DeliveryState state) => DeliveryStates[(int)state];

    public static DeliveryState? DeliveryStateOf(string word) => Array.IndexOf(DeliveryStates, word) is >= 0 and var at ? (DeliveryState)at : null;
}
