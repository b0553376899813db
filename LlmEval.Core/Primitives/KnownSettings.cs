using Microsoft.Extensions.Configuration;

namespace LlmEval.Core.Primitives;

/// <summary>The names of settings that are read from a section. Several may share one.</summary>
public sealed record KnownSettings(string Section, IReadOnlyList<string> Names)
{
    /// <summary>The settings of a section, and of those in it, that nobody reads.</summary>
    public static IEnumerable<string> FindUnknown(IConfigurationSection section, IReadOnlyCollection<KnownSettings> known)
    {
        string[] names = [.. known.Where(k => IsSame(k.Section, section.Path)).SelectMany(k => k.Names)];
        return section.GetChildren().Where(child => !names.Any(name => IsSame(name, child.Key))).SelectMany(child =>
            known.Any(k => IsSame(k.Section, child.Path)) ? FindUnknown(child, known) : [child.Path]);
    }

    private static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
