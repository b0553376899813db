using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace LlmEval.Core.Search;

/// <summary>A tsvector for each trace, in a table of its own: a GIN index on the traces would make storing them five times as dear.</summary>
internal sealed class PostgresSearchTable : ISearchTable
{
    public Task WriteAsync(LlmEvalDb db, IReadOnlyList<IndexedTrace> traces, CancellationToken cancel)
    {
        long[] rows = [.. traces.Select(t => t.Row)];
        int[] projects = [.. traces.Select(t => t.ProjectId)];
        string[] documents = [.. traces.Select(t => t.Document.ToTsVector())];
        return db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO trace_search (trace_row_id, project_id, document)
            SELECT r, p, d::tsvector FROM unnest({rows}, {projects}, {documents}) u(r, p, d)
            ON CONFLICT (trace_row_id) DO UPDATE SET document = excluded.document
            """,
            cancel);
    }

    public Task RemoveAsync(LlmEvalDb db, IReadOnlyList<long> rows, CancellationToken cancel)
    {
        long[] gone = [.. rows];
        return db.Database.ExecuteSqlAsync($"DELETE FROM trace_search WHERE trace_row_id = ANY({gone})", cancel);
    }

    public async Task<IReadOnlySet<long>> MatchAsync(LlmEvalDb db, SearchQuery query, IReadOnlyList<long> rows, CancellationToken cancel)
    {
        long[] among = [.. rows];
        string words = ToTsQuery(query);
        return (await db.Database.SqlQuery<long>(
            $"""SELECT trace_row_id AS "Value" FROM trace_search WHERE trace_row_id = ANY({among}) AND document @@ {words}::tsquery""")
            .ToListAsync(cancel)).ToHashSet();
    }

    public async Task<IReadOnlyList<long>> FindAsync(LlmEvalDb db, SearchQuery query, int projectId, int most, CancellationToken cancel)
    {
        // With a limit the planner thinks that reading all documents until enough match is cheap. It is not.
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.Database.ExecuteSqlAsync($"SET LOCAL enable_seqscan = off", cancel);
        string words = ToTsQuery(query);
        List<long> found = await db.Database.SqlQuery<long>(
            $"""SELECT trace_row_id AS "Value" FROM trace_search WHERE document @@ {words}::tsquery AND project_id = {projectId} LIMIT {most}""")
            .ToListAsync(cancel);
        await transaction.CommitAsync(cancel);
        return found;
    }

    internal static string ToTsQuery(SearchQuery query) =>
        string.Join(" & ", query.Wanted.Select(ToTsQuery).Concat(query.Unwanted.Select(term => $"!{ToTsQuery(term)}")));

    private static string ToTsQuery(SearchTerm term) =>
        $"({string.Join(" <-> ", term.Words.Select((word, i) => $"'{word}'{(term.IsPrefix && i == term.Words.Count - 1 ? ":*" : "")}"))})";
}
