using LlmEval.Tests.Support;

namespace LlmEval.Tests.Architecture;

/// <summary>Which folder of Core may know which. A new edge is a decision: it is made here first.</summary>
public class CoreFolderTests
{
    private static readonly Dictionary<string, string[]> Knows = new()
    {
        ["Primitives"] = [],
        ["Storage"] = ["Primitives"],
        ["Access"] = ["Primitives", "Storage"],
        ["Redis"] = ["Primitives"],
        ["Events"] = ["Primitives", "Storage", "Redis"],
        ["Rollups"] = ["Primitives", "Storage"],
        ["Traces"] = ["Primitives", "Storage", "Events"],
        ["Writing"] = ["Primitives", "Storage", "Access", "Events", "Rollups", "Traces"],
        ["Ingestion"] = ["Primitives", "Storage", "Events", "Rollups", "Traces", "Writing"],
        ["Search"] = ["Primitives", "Storage", "Events", "Traces"],
        ["Metrics"] = ["Primitives", "Rollups"],
        ["Retention"] = ["Primitives", "Storage", "Access", "Events", "Traces"],
        ["Caching"] = ["Primitives", "Storage", "Redis", "Events", "Traces"],
        ["Monitoring"] = ["Primitives", "Storage", "Redis", "Events", "Rollups", "Ingestion", "Search", "Caching"],
        ["Views"] = ["Primitives", "Storage", "Access"],
        ["Alerts"] = ["Primitives", "Storage", "Access", "Events", "Rollups", "Search", "Monitoring"],
        ["Amending"] = ["Primitives", "Access", "Events", "Traces", "Writing", "Caching", "Ingestion"],
        ["Limits"] = ["Redis", "Storage"],
        ["Outbound"] = ["Primitives", "Storage", "Access", "Events"],
        ["Review"] = ["Primitives", "Storage", "Access", "Events", "Traces", "Rollups", "Writing", "Ingestion", "Amending"],
    };

    [Fact]
    public void AFolderKnowsOnlyTheFoldersThatTheTableNames()
    {
        List<Edge> edges = Edges(CodeMap.Core);

        Assert.Empty(Unlisted(edges, Knows));
        Assert.True(edges.Count > 5, $"Only {edges.Count} uses were seen.");
        Assert.True(CodeMap.Core.Bodies > 100, $"Only {CodeMap.Core.Bodies} method bodies were read.");
    }

    [Fact]
    public void TheTableHasNoFolderAndNoEdgeThatIsNotThere()
    {
        HashSet<string> folders = [.. CodeMap.Core.Types.Select(t => CodeMap.Core.FolderOf(t.Namespace)).OfType<string>()];
        HashSet<(string, string)> edges = [.. Edges(CodeMap.Core).Select(e => (e.From, e.To))];

        Assert.Equal(folders.Order(), Knows.Keys.Order());
        Assert.DoesNotContain(Knows.SelectMany(row => row.Value, (row, to) => (row.Key, to)), edge => !edges.Contains(edge));
    }

    [Fact]
    public void TheTableHasNoCycle()
    {
        Assert.Null(FindCycle(Knows));
        Assert.Equal("A > B > C > A", FindCycle(new() { ["A"] = ["B"], ["B"] = ["C"], ["C"] = ["A"] }));
    }

    [Fact]
    public void EveryTypeLiesInAFolder() =>
        Assert.DoesNotContain(CodeMap.Core.Types, t => CodeMap.Core.FolderOf(t.Namespace) is null);

    [Fact]
    public void ANamespaceIsAFolder()
    {
        string[] projects = ["LlmEval.Core", "LlmEval.Web", "LlmEval.Tests", "LlmEval.E2E"];
        List<string> wrong = [];
        int seen = 0;
        foreach (string file in projects.SelectMany(project => Repository.Files(project, "*.cs")))
        {
            string? declared = File.ReadLines(file).FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal));
            string folder = Path.GetDirectoryName(Path.GetRelativePath(Repository.Root, file))!.Replace(Path.DirectorySeparatorChar, '.');
            if (declared is not null)
            {
                seen++;
                if (declared["namespace ".Length..].TrimEnd(';', ' ') != folder)
                {
                    wrong.Add($"{Path.GetRelativePath(Repository.Root, file)}: {declared}");
                }
            }
        }

        Assert.Empty(wrong);
        Assert.True(seen > 30, $"Only {seen} files were read.");
    }

    [Theory]
    [InlineData("InASignature")]
    [InlineData("InABody")]
    [InlineData("InAnAttribute")]
    [InlineData("InALambda")]
    [InlineData("AsAGenericArgument")]
    public void APlantedEdgeIsCaught(string where)
    {
        IEnumerable<Edge> unlisted = Unlisted(Edges(CodeMap.Planted), new() { ["Upper"] = ["Primitives"], ["Primitives"] = [] });

        Assert.Contains(unlisted, edge => edge is { From: "Primitives", To: "Upper" } && edge.Type.Name == where);
    }

    private sealed record Edge(string From, string To, CodeType Type, NamedType Used)
    {
        public override string ToString() => $"{From} > {To}: {Type} names {Used}";
    }

    private static List<Edge> Edges(CodeMap map) =>
    [
        .. from type in map.Types
           let @from = map.FolderOf(type.Namespace)
           where @from is not null
           from used in type.Types
           let to = map.FolderOf(used.Namespace)
           where to is not null && to != @from
           select new Edge(@from, to, type, used),
    ];

    private static IEnumerable<Edge> Unlisted(IEnumerable<Edge> edges, Dictionary<string, string[]> table) =>
        edges.Where(e => !table.TryGetValue(e.From, out string[]? known) || !known.Contains(e.To));

    private static string? FindCycle(Dictionary<string, string[]> table)
    {
        return table.Keys.Select(folder => Walk(folder, [])).FirstOrDefault(cycle => cycle is not null);

        string? Walk(string folder, List<string> path)
        {
            if (path.Contains(folder))
            {
                return string.Join(" > ", path.SkipWhile(f => f != folder).Append(folder));
            }

            return table.GetValueOrDefault(folder, [])
                .Select(next => Walk(next, [.. path, folder]))
                .FirstOrDefault(cycle => cycle is not null);
        }
    }
}
