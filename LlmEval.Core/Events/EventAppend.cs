using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Events;

/// <summary>Adds an event to the log within a transaction that a context has begun.</summary>
public static class EventAppend
{
    /// <summary>The last statement of the transaction: from here to its end, nobody else gets a number.</summary>
    /// <returns>The event's id, to be published after the commit.</returns>
    public static async Task<long> AppendEventAsync(this LlmEvalDb db, PendingEvent e, DateTime now, CancellationToken cancel)
    {
        List<long> ids = await db.Database
            .SqlQuery<long>($"""UPDATE event_head SET last_id = last_id + 1 WHERE id = 1 RETURNING last_id AS "Value" """)
            .ToListAsync(cancel);
        db.Add(new EventRow
        {
            Id = ids[0],
            ProjectId = e.ProjectId,
            Action = e.Action,
            CreatedAt = now,
            TraceId = e.TraceId,
            ModelName = e.ModelName,
            Status = e.Status,
            PreviousStatus = e.PreviousStatus,
            Payload = e.Text,
        });
        await db.SaveChangesAsync(cancel);
        return ids[0];
    }
}
