using System.Text.RegularExpressions;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Docs;

/// <summary>A document that names tests is true only while they are there.</summary>
public partial class SecurityDocumentTests
{
    private static readonly string Text = File.ReadAllText(Repository.PathTo("docs", "SECURITY.md"));

    [Fact]
    public void EveryTestThatIsNamedExists()
    {
        Dictionary<string, string> classes = Repository.Files("LlmEval.Tests", "*.cs").Concat(Repository.Files("LlmEval.E2E", "*.cs"))
            .GroupBy(file => Path.GetFileNameWithoutExtension(file))
            .ToDictionary(files => files.Key, files => string.Concat(files.Select(File.ReadAllText)));
        (string Class, string Method)[] named = [.. TestName().Matches(Text).Select(m => (m.Groups[1].Value, m.Groups[2].Value))];

        Assert.DoesNotContain(named, test => !classes.TryGetValue(test.Class, out string? code) || !code.Contains($" {test.Method}(", StringComparison.Ordinal));
        Assert.True(named.Length > 80, $"Only {named.Length} were named.");
    }

    [Fact]
    public void EveryLineOfTheChecklistHasATestOrAnException()
    {
        string[] rows = [.. Text.Split('\n').Where(line => Row().IsMatch(line))];
        string exceptions = Text[Text.IndexOf("## Exceptions", StringComparison.Ordinal)..];

        Assert.Equal(58, rows.Length);
        Assert.DoesNotContain(rows, row => !TestName().IsMatch(row) && !Exception().IsMatch(row));
        Assert.All(Exception().Matches(Text), number => Assert.Contains($"\n{number.Groups[1].Value}. ", exceptions, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"^\| \d+ \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"exception (\d+)")]
    private static partial Regex Exception();
}
