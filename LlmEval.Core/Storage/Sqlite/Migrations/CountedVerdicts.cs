namespace LlmEval.Core.Storage.Sqlite.Migrations;

/// <summary>
/// The same as on PostgreSQL: a reviewer counts once for a trace, by the last verdict that they gave and did not take back.
/// </summary>
internal static class CountedVerdicts
{
    private const string View =
        """
        CREATE VIEW counted_verdicts AS
        SELECT e.project_id, e.trace_id, e.created_at - e.created_at % 900000000 AS quarter, coalesce(e.evaluator, '') AS evaluator,
            e.status = 2 AS accepted, e.status = 3 AS rejected
        FROM evaluations e
        WHERE e.status IN (2, 3) AND e.id =
            (SELECT own.id FROM evaluations own
             WHERE own.project_id = e.project_id AND own.trace_id = e.trace_id AND coalesce(own.evaluator, '') = coalesce(e.evaluator, '')
                AND own.undoes IS NULL AND NOT EXISTS
                    (SELECT 1 FROM evaluations u
                     WHERE u.project_id = own.project_id AND u.trace_id = own.trace_id AND u.undoes = own.version
                        AND coalesce(u.evaluator, '') = coalesce(own.evaluator, ''))
             ORDER BY own.id DESC LIMIT 1)
        """;

    /// <summary>What counts with the new entry, less what counted without: of the same reviewer.</summary>
    private const string CountVerdict =
        """
        CREATE TRIGGER count_verdict AFTER INSERT ON evaluations
        BEGIN
            INSERT INTO verdict_deltas (project_id, quarter, evaluator, accepted, rejected)
            SELECT NEW.project_id, v.created_at - v.created_at % 900000000, coalesce(NEW.evaluator, ''),
                sum(s.times) * (v.status = 2), sum(s.times) * (v.status = 3)
            FROM (SELECT 1 AS times, NEW.id AS last_id UNION ALL SELECT -1, NEW.id - 1) s
            JOIN evaluations v ON v.id =
                (SELECT own.id FROM evaluations own
                 WHERE own.project_id = NEW.project_id AND own.trace_id = NEW.trace_id AND own.id <= s.last_id
                    AND coalesce(own.evaluator, '') = coalesce(NEW.evaluator, '') AND own.undoes IS NULL AND NOT EXISTS
                        (SELECT 1 FROM evaluations u
                         WHERE u.project_id = own.project_id AND u.trace_id = own.trace_id AND u.undoes = own.version AND u.id <= s.last_id
                            AND coalesce(u.evaluator, '') = coalesce(own.evaluator, ''))
                 ORDER BY own.id DESC LIMIT 1)
            WHERE v.status IN (2, 3)
            GROUP BY v.id, v.created_at, v.status HAVING sum(s.times) <> 0;
        END
        """;

    private const string UncountVerdicts =
        """
        CREATE TRIGGER uncount_verdicts AFTER DELETE ON traces
        BEGIN
            INSERT INTO verdict_deltas (project_id, quarter, evaluator, accepted, rejected)
            SELECT project_id, quarter, evaluator, -accepted, -rejected
            FROM counted_verdicts WHERE project_id = OLD.project_id AND trace_id = OLD.trace_id;
        END
        """;

    public static IEnumerable<string> Create =>
    [
        View,
        Difference("counted_verdicts", "given_verdicts"),
        .. VerdictTables.Drop,
        CountVerdict,
        UncountVerdicts,
    ];

    public static IEnumerable<string> Drop =>
    [
        VerdictTables.GivenVerdicts,
        Difference("given_verdicts", "counted_verdicts"),
        "DROP TRIGGER uncount_verdicts",
        "DROP TRIGGER count_verdict",
        "DROP VIEW counted_verdicts",
        .. VerdictTables.Triggers,
    ];

    /// <summary>
    /// Of the histories that are there, where the rules may differ: somebody has more than one entry, or took one back. What sweeps left
    /// counted stays as it was: its histories are gone.
    /// </summary>
    private static string Difference(string now, string before) =>
        $"""
        WITH touched AS MATERIALIZED
            (SELECT DISTINCT project_id, trace_id
             FROM (SELECT project_id, trace_id FROM evaluations
                   GROUP BY project_id, trace_id, coalesce(evaluator, '') HAVING count(*) > 1 OR count(undoes) > 0)),
        changes AS
            (SELECT v.project_id, v.quarter, v.evaluator, v.accepted, v.rejected
             FROM touched t CROSS JOIN {now} v WHERE v.project_id = t.project_id AND v.trace_id = t.trace_id
             UNION ALL
             SELECT v.project_id, v.quarter, v.evaluator, -v.accepted, -v.rejected
             FROM touched t CROSS JOIN {before} v WHERE v.project_id = t.project_id AND v.trace_id = t.trace_id)
        INSERT INTO verdict_deltas (project_id, quarter, evaluator, accepted, rejected)
        SELECT project_id, quarter, evaluator, sum(accepted), sum(rejected)
        FROM changes
        GROUP BY project_id, quarter, evaluator HAVING sum(accepted) <> 0 OR sum(rejected) <> 0
        """;
}
