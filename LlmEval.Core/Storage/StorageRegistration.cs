using LlmEval.Core.Primitives;
using LlmEval.Core.Storage.Postgres;
using LlmEval.Core.Storage.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Storage;

public static class StorageRegistration
{
    /// <summary>Adds the database: PostgreSQL when <c>DATABASE_URL</c> is set, else an SQLite file.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<StorageOptions>(configuration, "LlmEval")
            .Configure(o =>
            {
                o.DatabaseUrl = configuration["DATABASE_URL"] is { Length: > 0 } url ? url : null;
                o.DatabasePassword = configuration["DATABASE_PASSWORD"] is { Length: > 0 } password ? password : null;
            });
        services.AddSingleton<IValidateOptions<StorageOptions>, StorageOptionsValidator>();

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<StorageReadiness>();
        services.AddSingleton<StorageHealth>();
        services.AddHostedService<StorageStartup>();
        return UsesPostgres(configuration) ? services.AddPostgres() : services.AddSqlite();
    }

    /// <summary>Features that have a store for each database ask here which one to register.</summary>
    public static bool UsesPostgres(IConfiguration configuration) => configuration["DATABASE_URL"] is { Length: > 0 };

    private static IServiceCollection AddPostgres(this IServiceCollection services)
    {
        services.AddSingleton(provider =>
        {
            StorageOptions options = provider.GetRequiredService<IOptions<StorageOptions>>().Value;
            return PostgresDataSource.Create(options, options.OtherConnections);
        });
        services.AddSingleton<CloseIdleConnections>(provider => provider.GetRequiredService<Npgsql.NpgsqlDataSource>().Clear);
        services.AddSingleton<PostgresProbe>();
        services.AddSingleton<AskDatabase>(provider => provider.GetRequiredService<PostgresProbe>().AskAsync);
        services.AddPooledDbContextFactory<PostgresDb>((provider, options) => Configure(options)
            .UseNpgsql(provider.GetRequiredService<Npgsql.NpgsqlDataSource>()));
        services.AddSingleton<IDbContextFactory<LlmEvalDb>, ContextFactory<PostgresDb>>();
        services.AddSingleton<IMigrationLock, PostgresMigrationLock>();
        services.AddSingleton<IBackgroundTurn, PostgresBackgroundTurn>();
        services.AddSingleton<IWriteTurn, PostgresWriteTurn>();
        return services;
    }

    private static IServiceCollection AddSqlite(this IServiceCollection services)
    {
        services.AddSingleton(provider => new SqliteFile(provider.GetRequiredService<IOptions<StorageOptions>>().Value));
        services.AddSingleton<SqliteCheckpoints>();
        services.AddSingleton<CloseIdleConnections>(provider => provider.GetRequiredService<SqliteFile>().CloseIdle);
        services.AddSingleton<SqliteProbe>();
        services.AddSingleton<AskDatabase>(provider => provider.GetRequiredService<SqliteProbe>().AskAsync);
        services.AddPooledDbContextFactory<SqliteDb>((provider, options) => Configure(options)
            .UseSqlite(provider.GetRequiredService<SqliteFile>().ConnectionString)
            .AddInterceptors(new SqlitePragmas(), new SqliteOffDispatcher()));
        services.AddSingleton<IDbContextFactory<LlmEvalDb>, ContextFactory<SqliteDb>>();
        services.AddSingleton<IMigrationLock, SqliteMigrationLock>();
        services.AddSingleton<IBackgroundTurn, SqliteBackgroundTurn>();
        services.AddSingleton<IWriteTurn, SqliteWriteTurn>();
        return services;
    }

    private static DbContextOptionsBuilder Configure(DbContextOptionsBuilder options) => options
        .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)

        // A failed command reaches whoever can say what it means; EF's own error line would only repeat it, with a stack.
        // Migrations log at information level what nobody needs to read. That the model has a migration is a test's to say:
        // asked at every start, it builds the model twice and compares them.
        .ConfigureWarnings(warnings => warnings
            .Ignore(
                RelationalEventId.CommandError,
                RelationalEventId.ConnectionError,
                RelationalEventId.PendingModelChangesWarning,
                RelationalEventId.TransactionError,
                CoreEventId.SaveChangesFailed,
                CoreEventId.QueryIterationFailed)
            .Log((RelationalEventId.CommandExecuted, LogLevel.Debug)));

    private sealed class ContextFactory<T>(IDbContextFactory<T> inner) : IDbContextFactory<LlmEvalDb>
        where T : LlmEvalDb
    {
        public LlmEvalDb CreateDbContext() => inner.CreateDbContext();

        public async Task<LlmEvalDb> CreateDbContextAsync(CancellationToken cancellationToken = default) =>
            await inner.CreateDbContextAsync(cancellationToken);
    }
}
