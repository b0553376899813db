using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Support;

/// <summary>Counts what contexts ask the database for a trace, and can hold a read back after it was answered.</summary>
internal sealed class CountedQueries : DbCommandInterceptor
{
    private int _ofTraces;

    public int OfTraces => Volatile.Read(ref _ofTraces);

    /// <summary>Awaited after each answer, before the reader of it goes on.</summary>
    public Func<Task>? AfterAnswer { get; set; }

    /// <summary>Awaited after every answer, with the text of what was asked.</summary>
    public Func<string, Task>? AfterEach { get; set; }

    public void AddTo(IServiceCollection services)
    {
        services.ConfigureDbContext<LlmEval.Core.Storage.Sqlite.SqliteDb>(options => options.AddInterceptors(this));
        services.ConfigureDbContext<LlmEval.Core.Storage.Postgres.PostgresDb>(options => options.AddInterceptors(this));
    }

    public override async ValueTask<DbDataReader> ReaderExecutedAsync(
        DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
    {
        if (command.CommandText.Contains("traces", StringComparison.Ordinal) && command.CommandText.Contains("evaluations", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _ofTraces);
            if (AfterAnswer is { } wait)
            {
                await wait();
            }
        }

        if (AfterEach is { } waitEach)
        {
            await waitEach(command.CommandText);
        }

        return result;
    }
}
