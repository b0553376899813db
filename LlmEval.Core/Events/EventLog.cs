using System.Text;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Events;

/// <summary>The ids that the durable log holds at a moment.</summary>
/// <param name="Oldest">The lowest id still kept; <c>Head + 1</c> when the log is empty.</param>
/// <param name="Head">The highest id given out, 0 before the first event.</param>
public readonly record struct EventLogBounds(long Oldest, long Head);

/// <summary>
/// Reads the durable event log. Ids are taken from the counter row inside the transaction that writes the events, so they are
/// gapless and become visible in order: whoever has read up to an id has missed nothing before it.
/// </summary>
public sealed class EventLog(IDbContextFactory<LlmEvalDb> databases)
{
    /// <summary>These reads are short, and readers stand still until they end: a connection that died silently is not to hold them for long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>Streams that read on from long ago ask so often, and may be so many, that nobody else would get a connection. Whoever else is that far behind waits with them.</summary>
    private const int ReplaysAtOnce = 4;

    private readonly SemaphoreSlim _replays = new(ReplaysAtOnce, ReplaysAtOnce);

    /// <summary>Reads events in order.</summary>
    /// <param name="after">The last id already known.</param>
    /// <param name="before">Stop short of this id; null reads on to the head.</param>
    /// <param name="mostBytes">Of frames; the event that goes past it is the last.</param>
    public async Task<IReadOnlyList<LogEvent>> ReadAsync(long after, long? before, int limit, CancellationToken cancel, long mostBytes = long.MaxValue)
    {
        await using LlmEvalDb db = await OpenAsync(cancel);
        IQueryable<EventRow> rows = db.Set<EventRow>().Where(e => e.Id > after);
        if (before is { } end)
        {
            rows = rows.Where(e => e.Id < end);
        }

        var page = new List<LogEvent>();
        long bytes = 0;
        await foreach (EventRow row in rows.OrderBy(e => e.Id).Take(limit).AsAsyncEnumerable().WithCancellation(cancel))
        {
            page.Add(Encode(row));
            bytes += page[^1].Frame.Length;
            if (bytes > mostBytes)
            {
                break;
            }
        }

        return page;
    }

    /// <summary>Reads those events that are there, in order.</summary>
    public async Task<IReadOnlyList<LogEvent>> FindAsync(IReadOnlyList<long> ids, CancellationToken cancel)
    {
        await using LlmEvalDb db = await OpenAsync(cancel);
        List<EventRow> rows = await db.Set<EventRow>().Where(e => ids.Contains(e.Id)).OrderBy(e => e.Id).ToListAsync(cancel);
        return rows.ConvertAll(Encode);
    }

    /// <summary>A page for whoever reads on from long ago, a stream for one: a few are read at a time, the others wait for their turn.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async Task<IReadOnlyList<LogEvent>> ReplayAsync(long after, int limit, long mostBytes, CancellationToken cancel)
    {
        await _replays.WaitAsync(cancel);
        try
        {
            return await ReadAsync(after, before: null, limit, cancel, mostBytes);
        }
        finally
        {
            _replays.Release();
        }
    }

    /// <summary>The highest id given out, 0 before the first event.</summary>
    public async Task<long> ReadHeadAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await OpenAsync(cancel);
        return await db.Set<EventHead>().Select(h => h.LastId).SingleAsync(cancel);
    }

    /// <summary>When the first event after a position was written; null when there is none.</summary>
    public async Task<DateTime?> FindTimeAfterAsync(long position, CancellationToken cancel)
    {
        await using LlmEvalDb db = await OpenAsync(cancel);
        return await db.Set<EventRow>().Where(e => e.Id > position).OrderBy(e => e.Id).Select(e => (DateTime?)e.CreatedAt).FirstOrDefaultAsync(cancel);
    }

    public async Task<EventLogBounds> ReadBoundsAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await OpenAsync(cancel);
        long head = await db.Set<EventHead>().Select(h => h.LastId).SingleAsync(cancel);
        long? oldest = await db.Set<EventRow>().MinAsync(e => (long?)e.Id, cancel);
        return new EventLogBounds(oldest ?? head + 1, head);
    }

    private static LogEvent Encode(EventRow row) => new(
        row.Id,
        row.ProjectId,
        row.Action,
        row.TraceId,
        row.ModelName,
        row.Status,
        row.PreviousStatus,
        EventFrame.Encode(row.Id, Encoding.UTF8.GetBytes(row.Payload)));

    private async Task<LlmEvalDb> OpenAsync(CancellationToken cancel)
    {
        LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        db.Database.SetCommandTimeout(Patience);
        return db;
    }
}
