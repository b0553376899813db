using System.Text.RegularExpressions;
using LlmEval.Core.Storage.Postgres;
using LlmEval.Tests.Docs;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Deployment;

/// <summary>What docs/operations.md says to give a role behind a pooler is what every other connection sets for itself.</summary>
public partial class PoolerTests
{
    [Fact]
    public async Task TheRoleGetsTheLimitsOfEveryConnection()
    {
        string sql = Assert.Single(Document.Read("docs/operations.md").Snippets, s => s.Language == "sql").Text;
        string[] own = [.. Own().Matches(PostgresDataSource.SessionSettings).Select(m => $"{m.Groups["name"]} = {m.Groups["value"]}")];

        Assert.True(own.Length > 5);
        Assert.Equal(own, sql.TrimEnd().Split('\n').Select(line => line.Replace("ALTER ROLE llmeval SET ", "", StringComparison.Ordinal).TrimEnd(';')));

        // Each is a setting that a session may have, and so a role's.
        await TestPostgres.ExecuteAsync(sql.Replace("ALTER ROLE llmeval ", "", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"-c (?<name>\w+)=(?<value>\w+)")]
    private static partial Regex Own();
}
