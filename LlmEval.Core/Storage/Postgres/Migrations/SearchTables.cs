namespace LlmEval.Core.Storage.Postgres.Migrations;

/// <summary>What EF Core does not know of the full-text index.</summary>
internal static class SearchTables
{
    /// <summary>
    /// The index gathers new words in a list that every search has to read through: a short one. Whatever deletes traces, one at
    /// a time or a sweep, notes them in the same transaction.
    /// </summary>
    public static IEnumerable<string> Create =>
    [
        "CREATE TABLE trace_search (trace_row_id bigint PRIMARY KEY, project_id int NOT NULL, document tsvector NOT NULL)",
        "CREATE INDEX ix_trace_search_document ON trace_search USING gin (document) WITH (gin_pending_list_limit = 1024)",
        """
        CREATE FUNCTION note_removed_traces() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO search_removals (trace_row_id) SELECT id FROM gone ON CONFLICT DO NOTHING;
            RETURN NULL;
        END $$
        """,
        """
        CREATE TRIGGER traces_removed AFTER DELETE ON traces REFERENCING OLD TABLE AS gone
        FOR EACH STATEMENT EXECUTE FUNCTION note_removed_traces()
        """,
    ];

    public static IEnumerable<string> Drop =>
        ["DROP TRIGGER traces_removed ON traces", "DROP FUNCTION note_removed_traces", "DROP TABLE trace_search"];
}
