using LlmEval.Core.Primitives;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace LlmEval.Core.Storage.Sqlite;

/// <summary>The model as SQLite stores it.</summary>
public sealed class SqliteDb(DbContextOptions<SqliteDb> options) : LlmEvalDb(options)
{
    protected override string JsonColumnType => "TEXT";

    protected override string JsonMemberFunction => JsonText.SqliteMember;

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTime>().HaveConversion<Microseconds>();

    /// <summary>SQLite has no type for times; whole microseconds sort and compare as they should.</summary>
    private sealed class Microseconds() : ValueConverter<DateTime, long>(
        utc => utc.ToUnixMicroseconds(),
        micros => Instant.FromUnixMicroseconds(micros));

    /// <summary>For <c>dotnet ef migrations add</c>; it never connects.</summary>
    internal sealed class DesignTime : IDesignTimeDbContextFactory<SqliteDb>
    {
        public SqliteDb CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<SqliteDb>().UseSqlite("Data Source=design-time").Options);
    }
}
