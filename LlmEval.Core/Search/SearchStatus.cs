using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Search;

/// <summary>How far the full-text index is behind the log.</summary>
/// <param name="EventsBehind">0 when it is up to date.</param>
/// <param name="Behind">The age of the oldest event that it has not taken in.</param>
/// <param name="Skipped">Traces that could not be indexed.</param>
/// <param name="IsRebuilding">It is being built anew; until that is done old traces are missing.</param>
public sealed record SearchLag(long EventsBehind, TimeSpan Behind, long Skipped, bool IsRebuilding, bool IsPaused);

/// <summary>Tells how far the full-text index is.</summary>
public sealed class SearchStatus(IDbContextFactory<LlmEvalDb> databases, IOptionsMonitor<SearchOptions> options, TimeProvider time)
{
    public async Task<SearchLag> ReadAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);

        // The index first: read the other way round, it could seem to be ahead of the log.
        Projection at = await db.Set<Projection>().SingleAsync(p => p.Name == Projection.Search, cancel);
        long head = await db.Set<EventHead>().Select(h => h.LastId).SingleAsync(cancel);
        DateTime? oldest = head <= at.Position
            ? null
            : await db.Set<EventRow>().Where(e => e.Id > at.Position).OrderBy(e => e.Id).Select(e => (DateTime?)e.CreatedAt).FirstOrDefaultAsync(cancel);
        TimeSpan behind = oldest is { } created && time.UtcNow() > created ? time.UtcNow() - created : TimeSpan.Zero;
        return new SearchLag(head - at.Position, behind, at.Skipped, at.RebuiltUpTo is not null, options.CurrentValue.Paused);
    }
}
