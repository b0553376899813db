using System.Xml.Linq;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Architecture;

/// <summary>The one layer line is the assembly line: Core knows no HTTP and no Blazor, Web knows no SQL.</summary>
public class AssemblyTests
{
    private static readonly string[] Web = ["Microsoft.AspNetCore", "Microsoft.JSInterop", "Microsoft.Net.Http.Headers", "MudBlazor"];

    private static readonly string[] Data = ["Microsoft.EntityFrameworkCore", "Npgsql", "Microsoft.Data.Sqlite", "SQLitePCLRaw", "System.Data"];

    // Where the database is chosen, its setting checked, and the faults of both told apart.
    private static readonly string[] KnowBothDatabases =
    [
        "LlmEval.Core.Storage.StorageRegistration",
        "LlmEval.Core.Storage.StorageOptionsValidator",
        "LlmEval.Core.Storage.Outage",
    ];

    [Fact]
    public void CoreReferencesNothingOfTheWeb()
    {
        Assert.Empty(References(CodeMap.Core, Web));
        Assert.True(CodeMap.Core.References.Count > 5);
        Assert.NotEmpty(References(CodeMap.Web, Web));
    }

    [Fact]
    public void WebNamesNothingOfTheDatabase()
    {
        Assert.Empty(References(CodeMap.Web, Data));
        Assert.NotEmpty(References(CodeMap.Core, Data));
    }

    [Fact]
    public void WebNamesNoContextOfCore()
    {
        Assert.Empty(Naming(CodeMap.Web, IsContext));
        Assert.NotEmpty(Naming(CodeMap.Core, IsContext));
    }

    [Fact]
    public void OnlyTheTypesWrittenForPostgreSqlNameIt()
    {
        Assert.Empty(Misplaced(CodeMap.Core, "Npgsql", "Postgres"));
        Assert.NotEmpty(Naming(CodeMap.Core, used => Begins(used, "Npgsql")));
        Assert.Contains(Misplaced(CodeMap.Planted, "Npgsql", "Postgres"), use => use.StartsWith(typeof(Planted.NamesNpgsql).FullName!, StringComparison.Ordinal));
    }

    [Fact]
    public void OnlyTheTypesWrittenForSqliteNameIt()
    {
        Assert.Empty(Misplaced(CodeMap.Core, "Sqlite", "Sqlite"));
        Assert.NotEmpty(Naming(CodeMap.Core, used => Begins(used, "Sqlite")));
        Assert.Contains(Misplaced(CodeMap.Planted, "Sqlite", "Sqlite"), use => use.StartsWith(typeof(Planted.NamesSqlite).FullName!, StringComparison.Ordinal));
    }

    [Fact]
    public void OnlyLiveAndStreamingReadTheHub()
    {
        static bool IsHub(NamedType used) => used is { Namespace: "LlmEval.Core.Events", Name: "EventHub" or "EventFeed" or "EventReader" };

        Assert.DoesNotContain(Naming(CodeMap.Web, IsHub), use => CodeMap.Web.FolderOf(use.Type.Namespace) is not ("Live" or "Streaming"));
        Assert.NotEmpty(Naming(CodeMap.Web, IsHub));
        Assert.NotEmpty(Naming(CodeMap.Planted, IsHub));
    }

    [Fact]
    public void TheBrowserTestsKnowTheProductOnlyFromOutside()
    {
        XDocument project = XDocument.Load(Repository.PathTo("LlmEval.E2E", "LlmEval.E2E.csproj"));

        Assert.NotEmpty(project.Descendants("PackageReference"));
        Assert.All(project.Descendants("ProjectReference"), reference => Assert.Equal("false", (string?)reference.Attribute("ReferenceOutputAssembly")));
    }

    private static IEnumerable<string> References(CodeMap map, string[] prefixes) =>
        map.References.Where(name => prefixes.Any(prefix => name == prefix || name.StartsWith(prefix + ".", StringComparison.Ordinal)));

    private static IEnumerable<(CodeType Type, NamedType Used)> Naming(CodeMap map, Func<NamedType, bool> wanted) =>
        from type in map.Types
        from used in type.Types
        where wanted(used)
        select (type, used);

    private static IEnumerable<string> Misplaced(CodeMap map, string provider, string own) =>
        from use in Naming(map, used => Begins(used, provider))
        where !use.Type.Namespace.StartsWith($"LlmEval.Core.Storage.{own}", StringComparison.Ordinal)
            && !use.Type.Name.StartsWith(own, StringComparison.Ordinal)
            && !KnowBothDatabases.Contains(use.Type.FullName)
        select $"{use.Type} names {use.Used}";

    private static bool Begins(NamedType used, string provider) =>
        used.Assembly.StartsWith(provider, StringComparison.Ordinal)
        || used.Assembly.StartsWith($"Microsoft.Data.{provider}", StringComparison.Ordinal)
        || used.Assembly.StartsWith($"Microsoft.EntityFrameworkCore.{provider}", StringComparison.Ordinal);

    private static bool IsContext(NamedType used) =>
        used.Namespace.StartsWith("LlmEval.Core.Storage", StringComparison.Ordinal) && used.Name is "LlmEvalDb" or "PostgresDb" or "SqliteDb";
}
