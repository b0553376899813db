using LlmEval.Core.Storage.Postgres;
using Npgsql;

namespace LlmEval.Tests.Support;

/// <summary>The PostgreSQL server of this test run, which test.sh starts.</summary>
internal static class TestPostgres
{
    public const string NotThere =
        "PostgreSQL: LLMEVAL_TEST_POSTGRES is not set. ./test.sh starts a private server; or name one, as postgresql://user:password@host:port/postgres.";

    /// <summary>Null when there is none.</summary>
    public static string? ServerUrl { get; } =
        Environment.GetEnvironmentVariable("LLMEVAL_TEST_POSTGRES") is { Length: > 0 } url ? url : null;

    /// <param name="template">The database that the new one begins as a copy of; nobody may be connected to it.</param>
    /// <returns>The value of DATABASE_URL for it.</returns>
    public static async Task<string> CreateAsync(string name, string? template)
    {
        await ExecuteAsync($"CREATE DATABASE {name}" + (template is null ? "" : $" TEMPLATE {template}"));
        return new UriBuilder(ServerUrl!) { Path = name }.Uri.AbsoluteUri;
    }

    public static Task DropAsync(string name) => ExecuteAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");

    /// <summary>As who may create databases.</summary>
    public static async Task ExecuteAsync(string sql)
    {
        if (ServerUrl is null)
        {
            Needs.SkipOrFail(NotThere);
        }

        if (!DatabaseUrl.TryParse(ServerUrl!, out NpgsqlConnectionStringBuilder? settings, out string? fault))
        {
            throw new InvalidOperationException($"LLMEVAL_TEST_POSTGRES {fault}.");
        }

        settings.Pooling = false;
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
