using LlmEval.Core.Storage;
using LlmEval.Core.Storage.Postgres;
using LlmEval.Core.Storage.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace LlmEval.Tests.Storage;

/// <summary>A change of a mapping that has no migration yet. Neither test connects to a database.</summary>
public class ModelTests
{
    [Fact]
    public void TheMigrationsOfPostgreSqlAreUpToDate()
    {
        using LlmEvalDb db = OnPostgres();

        Assert.NotEmpty(db.Database.GetMigrations());
        Assert.False(db.Database.HasPendingModelChanges(), "Run: dotnet ef migrations add NAME --project LlmEval.Core --context PostgresDb");
    }

    [Fact]
    public void TheMigrationsOfSqliteAreUpToDate()
    {
        using LlmEvalDb db = OnSqlite();

        Assert.NotEmpty(db.Database.GetMigrations());
        Assert.False(db.Database.HasPendingModelChanges(), "Run: dotnet ef migrations add NAME --project LlmEval.Core --context SqliteDb");
    }

    [Fact]
    public void AChangeWithoutAMigrationIsCaught()
    {
        using LlmEvalDb postgres = OnPostgres(options => options.ReplaceService<IModelCustomizer, OneTableMore>());
        using LlmEvalDb sqlite = OnSqlite(options => options.ReplaceService<IModelCustomizer, OneTableMore>());

        Assert.True(postgres.Database.HasPendingModelChanges());
        Assert.True(sqlite.Database.HasPendingModelChanges());
    }

    private static PostgresDb OnPostgres(Action<DbContextOptionsBuilder>? more = null) =>
        new(Options<PostgresDb>(options => options.UseNpgsql("Host=nowhere"), more));

    private static SqliteDb OnSqlite(Action<DbContextOptionsBuilder>? more = null) =>
        new(Options<SqliteDb>(options => options.UseSqlite("Data Source=:memory:"), more));

    private static DbContextOptions<T> Options<T>(Action<DbContextOptionsBuilder> use, Action<DbContextOptionsBuilder>? more)
        where T : DbContext
    {
        var options = new DbContextOptionsBuilder<T>();
        use(options);
        more?.Invoke(options);
        return options.Options;
    }

    private sealed class OneTableMore(ModelCustomizerDependencies dependencies) : RelationalModelCustomizer(dependencies)
    {
        public override void Customize(ModelBuilder modelBuilder, DbContext context)
        {
            base.Customize(modelBuilder, context);
            modelBuilder.Entity<Planted>();
        }
    }

    private sealed class Planted
    {
        public int Id { get; init; }
    }
}
