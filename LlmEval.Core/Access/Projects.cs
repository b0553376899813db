using System.Text.RegularExpressions;

namespace LlmEval.Core.Access;

/// <summary>What holds for every project.</summary>
public static partial class Projects
{
    /// <summary>The id of the project <c>default</c>.</summary>
    public const int Default = 1;

    /// <summary>Of none: stands where an address names a project that is not there.</summary>
    public const int Nowhere = -1;

    public const int MostSlugCharacters = 40;

    public const int MostNameCharacters = 80;

    /// <summary>Lower-case letters, digits and hyphens between them.</summary>
    public static bool IsSlug(string text) => text.Length <= MostSlugCharacters && Slug().IsMatch(text);

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*\\z", RegexOptions.NonBacktracking)]
    private static partial Regex Slug();
}
