using System.Text.RegularExpressions;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Docs;

/// <summary>A fenced block of a document.</summary>
/// <param name="Line">Where it begins, counted from 1.</param>
internal sealed record Snippet(int Line, string Language, string Text);

/// <summary>A page that we ship.</summary>
internal sealed partial record Document(string Name, string Text)
{
    /// <summary>README.md and everything under docs, by path from the root.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "README.md",
        .. Repository.Files("docs", "*.md").Select(file => Path.GetRelativePath(Repository.Root, file)).Order(),
    ];

    public static Document Read(string name) => new(name, File.ReadAllText(Repository.PathTo(name)));

    public IEnumerable<Snippet> Snippets => Fence().Matches(Text)
        .Select(match => new Snippet(Text[..match.Index].Count(c => c == '\n') + 1, match.Groups["language"].Value, match.Groups["text"].Value));

    /// <summary>Links to files of the repository.</summary>
    public IEnumerable<string> LocalLinks => Link().Matches(Text)
        .Select(match => match.Groups["target"].Value.Split('#')[0])
        .Where(target => target.Length > 0 && !target.Contains("://", StringComparison.Ordinal));

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
