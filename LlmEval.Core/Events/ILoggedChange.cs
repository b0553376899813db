using System.Runtime.CompilerServices;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace LlmEval.Core.Events;

/// <summary>Changes rows by one statement and says so in the event log, both or neither.</summary>
public interface ILoggedChange
{
    /// <param name="change">An INSERT, UPDATE or DELETE; times in it are UTC.</param>
    /// <param name="e">Written if the statement changed a row; null writes no event.</param>
    /// <returns>Whether it changed a row.</returns>
    Task<bool> ApplyAsync(FormattableString change, PendingEvent? e, CancellationToken cancel);
}

/// <summary>One statement, so one round trip: a process that stalls cannot hold the counter.</summary>
internal sealed class PostgresLoggedChange(IDbContextFactory<LlmEvalDb> databases, TimeProvider time) : ILoggedChange
{
    public async Task<bool> ApplyAsync(FormattableString change, PendingEvent? e, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        if (e is null)
        {
            return await db.Database.ExecuteSqlAsync(change, cancel) > 0;
        }

        int at = change.ArgumentCount;
        string sql =
            $$"""
            WITH changed AS ({{change.Format}} RETURNING 1)
            SELECT append_events({{{at}}}, {{{at + 1}}}, {{{at + 2}}}, {{{at + 3}}}, {{{at + 4}}}, {{{at + 5}}}, {{{at + 6}}}, {{{at + 7}}}) AS "Value"
            FROM (SELECT 1 FROM changed LIMIT 1) one
            """;
        FormattableString both = FormattableStringFactory.Create(
            sql,
            [
                .. change.GetArguments(),
                new[] { e.ProjectId },
                new[] { (short)e.Action },
                new[] { e.TraceId },
                new[] { e.ModelName },
                new[] { (short)e.Status },
                new[] { (short?)e.PreviousStatus },
                new[] { e.Text },
                time.UtcNow(),
            ]);
        return (await db.Database.SqlQuery<long>(both).ToListAsync(cancel)).Count > 0;
    }
}

/// <summary>Two statements in a transaction, in the turn to write.</summary>
internal sealed class SqliteLoggedChange(IDbContextFactory<LlmEvalDb> databases, IWriteTurn turn, TimeProvider time) : ILoggedChange
{
    public async Task<bool> ApplyAsync(FormattableString change, PendingEvent? e, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        using IDisposable? writing = await turn.TakeAsync(cancel);
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancel);

        // Parameters of a bare statement know nothing of how the columns keep times.
        object?[] values = [.. change.GetArguments().Select(value => value is DateTime utc ? utc.ToUnixMicroseconds() : value)];
        if (await db.Database.ExecuteSqlAsync(FormattableStringFactory.Create(change.Format, values), cancel) == 0)
        {
            return false;
        }

        if (e is not null)
        {
            await db.AppendEventAsync(e, time.UtcNow(), cancel);
        }

        await transaction.CommitAsync(cancel);
        return true;
    }
}
