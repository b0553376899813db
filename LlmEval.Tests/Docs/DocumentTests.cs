using System.Text.Json;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Docs;

/// <summary>What the documents say to type works as it is printed.</summary>
public class DocumentTests
{
    private const string PrintedAddress = "localhost:8000";

    // What begins like this is not run here, and why.
    private static readonly Dictionary<string, string> NotRun = new()
    {
        ["dotnet run --project LlmEval.Web"] = "starts the product; UnpublishedStartTests of LlmEval.E2E runs it",
        ["./test.sh"] = "is the run that this test belongs to",
        ["docker compose"] = "needs a Docker engine",
    };

    public static TheoryData<string> Names => [.. Document.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task EveryCommandOfADocumentWorks(string name)
    {
        Snippet[] commands = [.. Document.Read(name).Snippets.Where(s => s.Language is "sh" or "bash" && ReasonNotToRun(s) is null)];
        if (commands.Length == 0)
        {
            return;
        }

        if (!Needs.Has("curl"))
        {
            Needs.SkipOrFail("curl was not found. Install it (apt-get install curl).");
        }

        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        using var shell = new Shell();
        foreach (Snippet command in commands)
        {
            (int code, string output) = await shell.RunAsync(command.Text.Replace(PrintedAddress, server.Url.Authority, StringComparison.Ordinal));

            Assert.True(code == 0, $"{name}:{command.Line} ended with code {code}:\n{command.Text}\n{output}");
            Assert.True(
                !command.Text.Contains("curl -N", StringComparison.Ordinal) || output.Contains("data: ", StringComparison.Ordinal),
                $"{name}:{command.Line} shows no event:\n{output}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryJsonOfADocumentIsJson(string name) =>
        Assert.All(Document.Read(name).Snippets.Where(s => s.Language == "json"), snippet =>
        {
            using var parsed = JsonDocument.Parse(snippet.Text);
        });

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryLinkOfADocumentLeadsToAFile(string name) =>
        Assert.All(Document.Read(name).LocalLinks, link => Assert.True(
            Path.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(name)!, link)),
            $"{name} links to {link}, which is not there."));

    [Fact]
    public void TheReadmeShowsCommandsAndJson()
    {
        Snippet[] snippets = [.. Document.Read("README.md").Snippets];

        Assert.True(snippets.Count(s => s.Language == "sh" && ReasonNotToRun(s) is null) >= 3);
        Assert.Contains(snippets, s => s.Language == "json");
        Assert.Contains(snippets, s => s.Text.Contains("curl -N", StringComparison.Ordinal));
    }

    [Fact]
    public void NothingIsExcusedThatIsNotThere()
    {
        Snippet[] all = [.. Document.Names.SelectMany(name => Document.Read(name).Snippets)];

        Assert.All(NotRun.Keys, begin => Assert.Contains(all, s => s.Text.StartsWith(begin, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ACommandThatMeetsAnErrorFails()
    {
        Assert.SkipWhen(!Needs.Has("curl"), "curl was not found.");
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        using var shell = new Shell();

        (int code, _) = await shell.RunAsync($"curl {server.Url}no/such/page | cat");

        Assert.NotEqual(0, code);
    }

    private static string? ReasonNotToRun(Snippet snippet) =>
        NotRun.FirstOrDefault(entry => snippet.Text.StartsWith(entry.Key, StringComparison.Ordinal)).Value;
}
