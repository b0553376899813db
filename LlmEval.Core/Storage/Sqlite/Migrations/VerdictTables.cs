namespace LlmEval.Core.Storage.Sqlite.Migrations;

/// <summary>The same as on PostgreSQL: the database counts verdicts by itself.</summary>
internal static class VerdictTables
{
    /// <summary>What counts: every verdict but those that the same reviewer changed or took back next.</summary>
    public const string GivenVerdicts =
        """
        CREATE VIEW given_verdicts AS
        SELECT e.project_id, e.trace_id, e.created_at - e.created_at % 900000000 AS quarter, coalesce(e.evaluator, '') AS evaluator,
            e.status = 2 AS accepted, e.status = 3 AS rejected
        FROM evaluations e
        WHERE e.status IN (2, 3) AND coalesce(e.evaluator, '') IS NOT
            (SELECT coalesce(n.evaluator, '') FROM evaluations n
             WHERE n.project_id = e.project_id AND n.trace_id = e.trace_id AND n.id > e.id ORDER BY n.id LIMIT 1)
        """;

    private const string CountVerdict =
        """
        CREATE TRIGGER count_verdict AFTER INSERT ON evaluations
        BEGIN
            INSERT INTO verdict_deltas (project_id, quarter, evaluator, accepted, rejected)
            SELECT NEW.project_id, v.created_at - v.created_at % 900000000, coalesce(NEW.evaluator, ''),
                v.times * (v.status = 2), v.times * (v.status = 3)
            FROM (
                SELECT 1 AS times, NEW.created_at AS created_at, NEW.status AS status
                UNION ALL
                SELECT -1, b.created_at, b.status
                FROM (SELECT created_at, status, evaluator FROM evaluations
                      WHERE project_id = NEW.project_id AND trace_id = NEW.trace_id AND id < NEW.id ORDER BY id DESC LIMIT 1) b
                WHERE b.evaluator IS NEW.evaluator) v
            WHERE v.status IN (2, 3);
        END
        """;

    private const string UncountVerdicts =
        """
        CREATE TRIGGER uncount_verdicts AFTER DELETE ON traces
        BEGIN
            INSERT INTO verdict_deltas (project_id, quarter, evaluator, accepted, rejected)
            SELECT project_id, quarter, evaluator, -accepted, -rejected
            FROM given_verdicts WHERE project_id = OLD.project_id AND trace_id = OLD.trace_id;
        END
        """;

    private const string CountWhatIsThere =
        """
        INSERT INTO verdict_deltas (project_id, quarter, evaluator, accepted, rejected)
        SELECT project_id, quarter, evaluator, accepted, rejected FROM given_verdicts
        """;

    public static IEnumerable<string> Create => [GivenVerdicts, CountWhatIsThere, .. Triggers];

    public static IEnumerable<string> Triggers => [CountVerdict, UncountVerdicts];

    public static IEnumerable<string> Drop => ["DROP TRIGGER uncount_verdicts", "DROP TRIGGER count_verdict", "DROP VIEW given_verdicts"];
}
