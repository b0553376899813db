namespace LlmEval.Core.Storage.Sqlite.Migrations;

/// <summary>
/// What the planner shall believe of the indexes on traces: without it, every index with as many equal columns is as good to it,
/// and a filter on a session and a status may walk a quarter of the table. The figures are those of a million traces (rows, then
/// rows for each value of one column, of two, and so on); a later ANALYZE replaces them.
/// </summary>
internal static class TraceStatistics
{
    public static IEnumerable<string> Create =>
    [
        "ANALYZE sqlite_schema",
        """
        INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
            ('traces', 'IX_traces_project_id_trace_id', '1000000 1000000 1'),
            ('traces', 'IX_traces_project_id_timestamp_id', '1000000 1000000 1 1'),
            ('traces', 'IX_traces_project_id_model_name_status_timestamp_id', '1000000 1000000 100000 30000 1 1'),
            ('traces', 'IX_traces_project_id_status_timestamp_id', '1000000 1000000 250000 1 1'),
            ('traces', 'IX_traces_project_id_session_id_timestamp_id', '1000000 1000000 10 1 1'),
            ('traces', 'IX_traces_project_id_user_id_timestamp_id', '1000000 1000000 100 1 1'),
            ('traces', 'IX_traces_project_id_parent_id_timestamp_id', '1000000 1000000 10 1 1'),
            ('traces', 'ix_traces_with_error', '20000 20000 1 1')
        """,
    ];

    public static string Drop => "DELETE FROM sqlite_stat1 WHERE tbl = 'traces'";
}
