using LlmEval.Core.Primitives;

namespace LlmEval.Core.Traces;

/// <summary>
/// "The first 50 in the order of time that hold these words." A common word is soon found by walking the list and testing each
/// row; a rare one by asking the index first. Nobody knows beforehand which it is (planners guess wrong, measured: 12 s), so a
/// short walk comes first, then the index, and only when both fail, for words that are frequent but not here, a longer walk.
/// </summary>
internal static class TextWalk
{
    /// <summary>So many rows are tested before the index is asked; the first step is small because it mostly suffices.</summary>
    private const int FirstStep = 500;

    private const int ShortWalk = 5_000;
    private const int LongStep = 20_000;

    /// <summary>More rows than this are not taken from the index.</summary>
    private const int MostFromIndex = 20_000;

    public static async Task<List<RowKey>> ReadAsync(RowKeys rows, ITextQuery text, Cursor? after, int limit, CancellationToken cancel)
    {
        List<RowKey> found = [];
        Cursor? place = after;
        int walked = 0;
        bool indexAsked = false;
        while (true)
        {
            int step = walked == 0 ? FirstStep : walked < ShortWalk ? ShortWalk - walked : LongStep;
            List<RowKey> window = await rows.ReadAsync(place, step, cancel);
            if (window.Count > 0)
            {
                IReadOnlySet<long> matches = await text.MatchAsync(rows.Db, [.. window.Select(k => k.Id)], cancel);
                found.AddRange(window.Where(k => matches.Contains(k.Id)).Take(limit - found.Count));
                place = window[^1].ToCursor();
                walked += window.Count;
            }

            if (found.Count >= limit || window.Count < step)
            {
                return found;
            }

            if (walked >= ShortWalk && !indexAsked)
            {
                indexAsked = true;
                if (await text.FindAsync(rows.Db, rows.ProjectId, MostFromIndex, cancel) is { } all)
                {
                    found.AddRange(await rows.ReadAsync(all, place, limit - found.Count, cancel));
                    return found;
                }
            }
        }
    }
}
