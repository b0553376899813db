using System.Globalization;
using System.Text;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Search;

/// <summary>
/// An FTS5 table that keeps words but no texts. It gets every word in ASCII, so that the words are those of
/// <see cref="WordScanner"/> and not of whatever letters SQLite knows.
/// </summary>
internal sealed class SqliteSearchTable : ISearchTable
{
    /// <summary>Holds a place in a document. No word is written so.</summary>
    private const string Gap = "_";

    public async Task WriteAsync(LlmEvalDb db, IReadOnlyList<IndexedTrace> traces, CancellationToken cancel)
    {
        foreach (IndexedTrace trace in traces)
        {
            string words = Write(trace.Document);
            await db.Database.ExecuteSqlAsync($"INSERT OR REPLACE INTO trace_search (rowid, words) VALUES ({trace.Row}, {words})", cancel);
        }
    }

    public async Task RemoveAsync(LlmEvalDb db, IReadOnlyList<long> rows, CancellationToken cancel)
    {
        foreach (long row in rows)
        {
            await db.Database.ExecuteSqlAsync($"DELETE FROM trace_search WHERE rowid = {row}", cancel);
        }
    }

    public async Task<IReadOnlySet<long>> MatchAsync(LlmEvalDb db, SearchQuery query, IReadOnlyList<long> rows, CancellationToken cancel)
    {
        // One look at the index over a range of rows: a look for each row would read the lists of words each time.
        var wanted = rows.ToHashSet();
        (long least, long most) = (rows.Min(), rows.Max());
        string words = ToMatch(query);
        var found = new HashSet<long>();
        await foreach (long row in db.Database
            .SqlQuery<long>($"""SELECT rowid AS "Value" FROM trace_search WHERE trace_search MATCH {words} AND rowid BETWEEN {least} AND {most}""")
            .AsAsyncEnumerable()
            .WithCancellation(cancel)
            .ConfigureAwait(false))
        {
            if (wanted.Contains(row))
            {
                found.Add(row);
            }
        }

        return found;
    }

    public async Task<IReadOnlyList<long>> FindAsync(LlmEvalDb db, SearchQuery query, int projectId, int most, CancellationToken cancel)
    {
        string words = ToMatch(query);
        return await db.Database
            .SqlQuery<long>($"""SELECT rowid AS "Value" FROM trace_search WHERE trace_search MATCH {words} LIMIT {most}""")
            .ToListAsync(cancel);
    }

    internal static string ToMatch(SearchQuery query)
    {
        string wanted = string.Join(" AND ", query.Wanted.Select(ToMatch));
        return query.Unwanted.Count == 0 ? wanted : $"({wanted}) NOT ({string.Join(" OR ", query.Unwanted.Select(ToMatch))})";
    }

    private static string ToMatch(SearchTerm term) => $"\"{string.Join(' ', term.Words.Select(Ascii))}\"{(term.IsPrefix ? " *" : "")}";

    private static string Write(SearchDocument document)
    {
        var text = new StringBuilder();
        foreach (string? word in document.Places)
        {
            text.Append(word is null ? Gap : Ascii(word)).Append(' ');
        }

        foreach (string word in document.WithoutPlace)
        {
            text.Append(Gap).Append(' ').Append(Ascii(word)).Append(' ');
        }

        return text.ToString();
    }

    /// <summary>Letter by letter, so that the beginning of a word stays one.</summary>
    private static string Ascii(string word)
    {
        if (System.Text.Ascii.IsValid(word))
        {
            return word;
        }

        var text = new StringBuilder();
        foreach (char c in word)
        {
            _ = char.IsAscii(c) ? text.Append(c) : text.Append(CultureInfo.InvariantCulture, $"_{(int)c:x4}");
        }

        return text.ToString();
    }
}
