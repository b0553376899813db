using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Support;

/// <summary>Nothing that is logged can be written until it is disposed; reading goes on.</summary>
internal sealed class HeldWrites : IAsyncDisposable
{
    private readonly IDisposable? _turn;
    private readonly LlmEvalDb _db;

    private HeldWrites(IDisposable? turn, LlmEvalDb db) => (_turn, _db) = (turn, db);

    /// <param name="services">Of the process whose writes wait. On SQLite they wait for their turn, without a thread; on PostgreSQL for a row.</param>
    public static async Task<HeldWrites> BeginAsync(IServiceProvider services)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        IDisposable? turn = await services.GetRequiredService<IWriteTurn>().TakeAsync(cancel);
        LlmEvalDb db = await services.GetRequiredService<IDbContextFactory<LlmEvalDb>>().CreateDbContextAsync(cancel);
        await db.Database.BeginTransactionAsync(cancel);
        await db.Database.ExecuteSqlRawAsync("UPDATE event_head SET last_id = last_id", cancel);
        return new HeldWrites(turn, db);
    }

    public async ValueTask DisposeAsync()
    {
        await _db.DisposeAsync();
        _turn?.Dispose();
    }
}
