namespace LlmEval.Core.Storage.Sqlite.Migrations;

/// <summary>What EF Core does not know of the full-text index.</summary>
internal static class SearchTables
{
    /// <summary>
    /// The table keeps words but no texts (content=''); the words come in ASCII, with _ as one of their letters. Whatever deletes
    /// traces notes them in the same transaction.
    /// </summary>
    public static IEnumerable<string> Create =>
    [
        "CREATE VIRTUAL TABLE trace_search USING fts5(words, content='', contentless_delete=1, tokenize=\"ascii tokenchars '_'\")",
        """
        CREATE TRIGGER traces_removed AFTER DELETE ON traces
        BEGIN
            INSERT OR IGNORE INTO search_removals (trace_row_id) VALUES (old.id);
        END
        """,
    ];

    public static IEnumerable<string> Drop => ["DROP TRIGGER traces_removed", "DROP TABLE trace_search"];
}
