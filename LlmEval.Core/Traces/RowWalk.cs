using LlmEval.Core.Primitives;

namespace LlmEval.Core.Traces;

/// <summary>As far as a walk came.</summary>
/// <param name="Reached">Where to go on, when it ended for its time before it had found enough; else null.</param>
internal sealed record Walked(List<RowKey> Found, Cursor? Reached);

/// <summary>
/// "The first 50 in the order of time that hold these words, or have this in their metadata": no index gives that. What is
/// frequent is soon found by walking the list and testing each row. Rare words are found by asking the index of texts first;
/// nobody knows beforehand which they are (planners guess wrong, measured: 12 s), so a short walk comes first, then the index, and
/// only when both fail, for words that are frequent but not here, a longer walk.
/// </summary>
internal static class RowWalk
{
    /// <summary>So many rows are tested before the index is asked; the first step is small because it mostly suffices.</summary>
    private const int FirstStep = 500;

    private const int ShortWalk = 5_000;
    private const int LongStep = 20_000;

    /// <summary>More rows than this are not taken from the index.</summary>
    private const int MostFromIndex = 20_000;

    /// <param name="text">Null when only the filter is to be tested.</param>
    /// <param name="isTimeUp">Asked after each step: whether to be content with what was found.</param>
    public static async Task<Walked> ReadAsync(
        RowKeys rows, ITextQuery? text, Cursor? after, int limit, Func<bool> isTimeUp, CancellationToken cancel)
    {
        List<RowKey> found = [];
        Cursor? place = after;
        int walked = 0;
        bool indexAsked = text is null;
        while (true)
        {
            int step = walked == 0 ? FirstStep : walked < ShortWalk ? ShortWalk - walked : LongStep;
            (List<RowKey> window, Cursor? end) = await rows.ReadWindowAsync(place, step, text is null ? limit - found.Count : step, cancel);
            if (text is not null && window.Count > 0)
            {
                IReadOnlySet<long> matches = await text.MatchAsync(rows.Db, [.. window.Select(k => k.Id)], cancel);
                window.RemoveAll(k => !matches.Contains(k.Id));
            }

            found.AddRange(window.Take(limit - found.Count));
            if (found.Count >= limit || end is null)
            {
                return new Walked(found, Reached: null);
            }

            place = end;
            walked += step;
            if (walked >= ShortWalk && !indexAsked)
            {
                indexAsked = true;
                if (await text!.FindAsync(rows.Db, rows.ProjectId, MostFromIndex, cancel) is { } all)
                {
                    found.AddRange(await rows.ReadAsync(all, place, limit - found.Count, cancel));
                    return new Walked(found, Reached: null);
                }
            }

            if (isTimeUp())
            {
                return new Walked(found, place);
            }
        }
    }
}
