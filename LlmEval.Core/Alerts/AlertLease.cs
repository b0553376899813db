using LlmEval.Core.Monitoring;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Alerts;

/// <summary>Lets one replica at a time evaluate the rules about figures, which are the same everywhere.</summary>
internal sealed class AlertLease(IDbContextFactory<LlmEvalDb> databases, IWriteTurn turn, IOptions<MonitoringOptions> options, TimeProvider time)
{
    /// <summary>A holder that does not renew it for so long is gone.</summary>
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(15);

    public async Task<bool> TryTakeAsync(CancellationToken cancel)
    {
        string holder = options.Value.Replica;
        long now = time.UtcNow().ToUnixMicroseconds();
        long end = now + (Length.Ticks / TimeSpan.TicksPerMicrosecond);
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        using IDisposable? writing = await turn.TakeAsync(cancel);

        // One statement: of two who ask at once, the second waits for the first and then finds it taken.
        return await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO alert_turn (id, holder, expires_at_micros) VALUES (1, {holder}, {end})
            ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, expires_at_micros = excluded.expires_at_micros
            WHERE alert_turn.holder = excluded.holder OR alert_turn.expires_at_micros <= {now}
            """,
            cancel) > 0;
    }
}
