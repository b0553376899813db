using System.Text;

namespace LlmEval.Core.Primitives;

/// <summary>Names that people gave to things.</summary>
public static class Naming
{
    /// <summary>What <see cref="IsReadable"/> asks for, to follow "1 to 80 characters".</summary>
    public const string Rule = "a letter, digit or symbol among them, and none that cannot be shown or turns the text beside it";

    /// <summary>For lists: by this and not by the database, as each has an alphabet of its own.</summary>
    public static StringComparer Order => StringComparer.InvariantCultureIgnoreCase;

    /// <summary>Whether a name can be told from others where it stands in a list, a log or a message.</summary>
    public static bool IsReadable(string name) =>
        name.EnumerateRunes().Any(r => Rune.IsLetterOrDigit(r) || Rune.IsSymbol(r))

        // Half a character is read as one that cannot be shown.
        && !name.EnumerateRunes().Any(r => Rune.IsControl(r) || r == Rune.ReplacementChar || TurnsText(r.Value));

    /// <summary>Unicode's overrides and isolates: what has one in its name is read as another, and garbles the line it stands in.</summary>
    private static bool TurnsText(int rune) => rune is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
