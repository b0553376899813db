using LlmEval.Core.Access;
using LlmEval.Web.Access;

namespace LlmEval.Web.Settings;

/// <summary>A page of the settings, as their navigation shows it.</summary>
/// <param name="Group">The heading under which it stands.</param>
/// <param name="Path">Relative to the base address.</param>
/// <param name="Needs">As the page itself says.</param>
public sealed record SettingsEntry(string Group, string Path, string Name, Rights Needs)
{
    /// <summary>For people, not for who is let in because nobody has an account.</summary>
    public bool OfPerson { get; init; }

    public static IReadOnlyList<SettingsEntry> All { get; } =
    [
        new("Project", "settings", "General", Rights.Read),
        new("Project", "settings/reasons", "Reasons and tags", Rights.Admin),
        new("Project", "settings/webhooks", "Webhooks", Rights.Admin),
        new("Access", "settings/keys", "API keys", Rights.Admin),
        new("Access", "settings/signatures", "Webhook signatures", Rights.Admin),
        new("Access", "settings/people", "People", Rights.Admin),
        new("Access", "settings/audit", "Audit log", Rights.Admin),
        new("Access", "settings/projects", "Projects", Rights.Read),
        new("You", "account", "Your account", Rights.Read) { OfPerson = true },
        new("You", "account/sessions", "Sessions", Rights.Read) { OfPerson = true },
    ];

    public static IEnumerable<SettingsEntry> For(Caller? viewer) =>
        All.Where(entry => viewer?.May(entry.Needs) != false && (!entry.OfPerson || viewer?.User is not null));

    /// <param name="address">Relative to the base address; with or without a query.</param>
    public static SettingsEntry? At(string address) => All.FirstOrDefault(entry => entry.Path == address.Split('?', '#')[0].TrimEnd('/'));
}
