using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace LlmEval.Core.Storage.Postgres;

/// <summary>The model as PostgreSQL stores it.</summary>
public sealed class PostgresDb(DbContextOptions<PostgresDb> options) : LlmEvalDb(options)
{
    protected override string JsonColumnType => "json";

    protected override string JsonMemberFunction => "json_extract_path_text";

    /// <summary>For <c>dotnet ef migrations add</c>; it never connects.</summary>
    internal sealed class DesignTime : IDesignTimeDbContextFactory<PostgresDb>
    {
        public PostgresDb CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<PostgresDb>().UseNpgsql("Host=design-time").Options);
    }
}
