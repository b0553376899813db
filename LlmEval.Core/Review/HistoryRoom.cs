using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Review;

/// <summary>
/// What the history of one trace may grow to. Whoever reads the trace reads all of it, so without an end one caller who may judge
/// could make a trace that takes a server's memory. Verdicts that come at the same moment may each find the last room.
/// </summary>
public sealed class HistoryRoom(IDbContextFactory<LlmEvalDb> databases)
{
    public const int MostEntries = 1_000;

    /// <summary>Of notes and ideal answers together.</summary>
    public const int MostCharacters = 16 * 1024 * 1024;

    /// <summary>For taking back what should not have been the last: so many entries, or mebi characters, more.</summary>
    private const int RoomToUndo = 4;

    /// <param name="isUndo">It takes one back.</param>
    /// <returns>Why there is no room for another verdict, naming the field; null when there is.</returns>
    public async Task<string?> FindFaultAsync(int projectId, string traceId, bool isUndo, CancellationToken cancel)
    {
        if (!TraceDetailQueries.MayExist(traceId))
        {
            return null;
        }

        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        HistorySize held = (await TraceHistories.MeasureAsync(db, projectId, [traceId], cancel)).GetValueOrDefault(traceId);
        int more = isUndo ? RoomToUndo : 0;
        return held.Entries >= MostEntries + more
            ? $"trace_id: it has {held.Entries} verdicts, and {MostEntries} are the most that a trace keeps"
            : held.Characters >= MostCharacters + (more * 1024L * 1024)
                ? $"trace_id: its verdicts hold {held.Characters} characters of notes and ideal answers, and {MostCharacters} are the most that a trace keeps"
                : null;
    }
}
