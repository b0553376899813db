using System.Globalization;
using LlmEval.Core.Outbound;
using LlmEval.Core.Primitives;
using LlmEval.Web.Traces;

namespace LlmEval.Web.Outbound;

/// <summary>The words for webhooks on the page.</summary>
internal static class WebhookWords
{
    public static string Event(string name) => name switch
    {
        "new_trace" => "New traces",
        "updated_trace" => "Changed traces",
        "deleted_trace" => "Deleted traces",
        "evaluation_updates" => "Verdicts",
        "system_updates" => "Alerts",
        _ => "Test",
    };

    public static string Status(string name) => EvaluationStatuses.TryParse(name, out EvaluationStatus status) ? TraceFormat.Status(status) : name;

    /// <summary>What a subscription takes, in a line.</summary>
    public static string Taken(Subscription subscription)
    {
        var parts = new List<string> { subscription.Events.Length == 0 ? "All events" : string.Join(", ", subscription.Events.Select(Event)) };
        if (subscription.Statuses.Length > 0)
        {
            parts.Add(string.Join(" or ", subscription.Statuses.Select(Status)));
        }

        if (subscription.ModelNames.Length > 0)
        {
            parts.Add(string.Join(", ", subscription.ModelNames));
        }

        parts.Add(subscription.Format == BodyFormat.Slack ? "as Slack messages" : "as JSON");
        return string.Join(" · ", parts);
    }

    public static (string Word, string Kind) State(Subscription subscription) => subscription switch
    {
        { State: SubscriptionState.Paused } => ("Off", "off"),
        { State: SubscriptionState.Disabled } => ("Turned off", "bad"),
        { Failures: > 0 } => ("Failing", "warn"),
        _ => ("On", "good"),
    };

    public static (string Word, string Kind) State(Delivery delivery) => delivery switch
    {
        { State: DeliveryState.Delivered } => ("Delivered", "good"),
        { State: DeliveryState.GivenUp } => ("Given up", "bad"),
        { Attempts: > 0 } => ("Trying again", "warn"),
        _ => ("Waiting", "off"),
    };

    /// <summary>What the address answered, in a word.</summary>
    public static string Answer(Delivery delivery) => delivery switch
    {
        { StatusCode: { } code } => code.ToString(CultureInfo.InvariantCulture),
        { Fault: null } => "",
        { DurationMs: null } => "not allowed",
        _ => "no answer",
    };
}
