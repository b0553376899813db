using System.Globalization;
using System.Text.Json;
using LlmEval.Web.Shell;
using LlmEval.Web.SingleTrace;

namespace LlmEval.Web.People;

/// <summary>The lines of the audit log in words. What has none is shown as it is written.</summary>
internal static class AuditWords
{
    /// <summary>How actions begin, and what they are about.</summary>
    public static readonly IReadOnlyList<(string Area, string Word)> Areas =
    [
        ("sign", "Sign-ins"), ("person", "People"), ("sessions", "Sessions"), ("key", "Keys"), ("project", "Projects"), ("settings", "Settings"), ("set_up", "Set-up"),
        ("verdict", "Verdicts"), ("trace", "Traces"), ("sample", "Samples"), ("alert", "Alerts"), ("webhook", "Webhooks"),
    ];

    private static readonly Dictionary<string, string> Words = new()
    {
        ["sign_in.succeeded"] = "signed in as",
        ["sign_in.failed"] = "failed to sign in as",
        ["sign_in.refused"] = "was refused at sign-in as",
        ["signed_out"] = "signed out",
        ["sessions.ended"] = "ended other sessions of",
        ["set_up.link_made"] = "made a link for",
        ["person.invited"] = "invited",
        ["person.joined"] = "joined as",
        ["person.role_changed"] = "changed the role of",
        ["person.owner_changed"] = "changed the ownership of",
        ["person.disabled"] = "disabled",
        ["person.enabled"] = "enabled",
        ["person.renamed"] = "renamed",
        ["person.password_changed"] = "changed the password of",
        ["person.password_reset"] = "set a new password of",
        ["person.reset_link_made"] = "made a link for a new password of",
        ["person.link_cancelled"] = "cancelled the link for",
        ["person.links_ended"] = "ended, with their rights, the links made by",
        ["person.linked"] = "linked to their provider",
        ["key.created"] = "made the key",
        ["key.revoked"] = "revoked the key",
        ["project.created"] = "made the project",
        ["verdict.given"] = "judged",
        ["verdict.undone"] = "took back a verdict on",
        ["trace.amended"] = "amended",
        ["trace.deleted"] = "deleted",
        ["sample.removed"] = "removed",
        ["settings.retention_changed"] = "changed",
        ["settings.reasons_changed"] = "changed",
        ["settings.view_saved"] = "saved the view",
        ["settings.view_changed"] = "changed the view",
        ["settings.view_renamed"] = "renamed the view",
        ["settings.view_deleted"] = "deleted the view",
        ["alert.rule_made"] = "made the alert rule",
        ["alert.rule_changed"] = "changed the alert rule",
        ["alert.rule_deleted"] = "deleted the alert rule",
        ["alert.acknowledged"] = "acknowledged the alert",
        ["alert.muted"] = "muted the alert",
        ["alert.unmuted"] = "ended the muting of the alert",
        ["webhook.made"] = "made the webhook",
        ["webhook.changed"] = "changed the webhook",
        ["webhook.deleted"] = "deleted the webhook",
        ["webhook.secret_made"] = "made a new secret for the webhook",
        ["webhook_secret.created"] = "made the signature secret",
        ["webhook_secret.ending"] = "set an end to the signature secret",
        ["webhook_secret.ended"] = "ended the signature secret",
    };

    public static string Of(string action) => Words.GetValueOrDefault(action, action);

    /// <summary>Who did it: where nobody signs in, all that is known is the machine.</summary>
    public static string Actor(string actor) => actor == "this machine" ? "Somebody on this machine" : actor;

    /// <summary>To what. Rules of alerts that come with the product are stored by their key.</summary>
    public static string Subject(string action, string subject) => action is "alert.muted" or "alert.unmuted" ? subject.Replace('_', ' ') : subject;

    /// <returns>The members of the stored JSON as "name: value", in the viewer's words and time; what is none as it is.</returns>
    public static string Detail(string json, ViewerTime time) => JsonWords.Members(json) is { } members
        ? string.Join(" · ", members.Where(m => m.Value.Length > 0 && m.Value != "null").Select(m => $"{m.Name.Replace('_', ' ')}: {Value(m.Name, m.Value, m.Simple, time)}"))
        : json;

    private static string Value(string name, string value, bool isSimple, ViewerTime time)
    {
        if (!isSimple)
        {
            return Items(value);
        }

        // Only what the server itself writes as a point in time looks like one to the letter.
        if (value.Length >= 19 && value[10] == 'T' && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at))
        {
            return time.Moment(at.UtcDateTime);
        }

        return (name, value) switch
        {
            (_, "true") => "yes",
            (_, "false") => "no",
            ("status" or "before", _) => value.Replace('_', ' '),
            _ => value,
        };
    }

    /// <summary>A list with commas; anything else as it is written.</summary>
    private static string Items(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind != JsonValueKind.Array ? json
                : document.RootElement.GetArrayLength() == 0 ? "none"
                : string.Join(", ", document.RootElement.EnumerateArray().Select(JsonWords.Plain));
        }
        catch (JsonException)
        {
            return json;
        }
    }

    public static bool IsWarning(string action) => action is "sign_in.failed" or "sign_in.refused";
}
