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
    };

    public static string Of(string action) => Words.GetValueOrDefault(action, action);

    /// <returns>The members of the stored JSON as "name: value"; what is none as it is.</returns>
    public static string Detail(string json) => JsonWords.Members(json) is { } members
        ? string.Join(" · ", members.Where(m => m.Value.Length > 0 && m.Value != "null").Select(m => $"{m.Name.Replace('_', ' ')}: {m.Value}"))
        : json;

    public static bool IsWarning(string action) => action is "sign_in.failed" or "sign_in.refused";
}
