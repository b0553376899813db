namespace LlmEval.Core.Storage.Postgres.Migrations;

/// <summary>
/// The database counts verdicts by itself, in the transaction that adds one to a history or deletes a trace: no writer can forget
/// to. Deltas are only inserted, so nobody waits for anybody (decision 1).
/// </summary>
/// <remarks>
/// A history that is deleted before its trace stays counted: that is how a sweep keeps the figures.
/// </remarks>
internal static class VerdictTables
{
    /// <summary>What counts: every verdict but those that the same reviewer changed or took back next.</summary>
    public const string GivenVerdicts =
        """
        CREATE VIEW given_verdicts AS
        SELECT e.project_id, e.trace_id, date_bin('15 minutes', e.created_at, 'epoch') AS quarter, coalesce(e.evaluator, '') AS evaluator,
            (e.status = 2)::int AS accepted, (e.status = 3)::int AS rejected
        FROM evaluations e
        WHERE e.status IN (2, 3) AND coalesce(e.evaluator, '') IS DISTINCT FROM
            (SELECT coalesce(n.evaluator, '') FROM evaluations n
             WHERE n.project_id = e.project_id AND n.trace_id = e.trace_id AND n.id > e.id ORDER BY n.id LIMIT 1)
        """;

    private const string CountVerdict =
        """
        CREATE FUNCTION count_verdict() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO verdict_deltas (project_id, quarter, evaluator, accepted, rejected)
            SELECT NEW.project_id, date_bin('15 minutes', v.created_at, 'epoch'), coalesce(NEW.evaluator, ''),
                v.times * (v.status = 2)::int, v.times * (v.status = 3)::int
            FROM (
                SELECT 1 AS times, NEW.created_at AS created_at, NEW.status AS status
                UNION ALL
                SELECT -1, b.created_at, b.status
                FROM (SELECT created_at, status, evaluator FROM evaluations
                      WHERE project_id = NEW.project_id AND trace_id = NEW.trace_id AND id < NEW.id ORDER BY id DESC LIMIT 1) b
                WHERE b.evaluator IS NOT DISTINCT FROM NEW.evaluator) v
            WHERE v.status IN (2, 3);
            RETURN NULL;
        END $$;
        CREATE TRIGGER count_verdict AFTER INSERT ON evaluations FOR EACH ROW EXECUTE FUNCTION count_verdict();
        """;

    private const string UncountVerdicts =
        """
        CREATE FUNCTION uncount_verdicts() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO verdict_deltas (project_id, quarter, evaluator, accepted, rejected)
            SELECT project_id, quarter, evaluator, -accepted, -rejected
            FROM given_verdicts WHERE project_id = OLD.project_id AND trace_id = OLD.trace_id;
            RETURN NULL;
        END $$;
        CREATE TRIGGER uncount_verdicts AFTER DELETE ON traces FOR EACH ROW EXECUTE FUNCTION uncount_verdicts();
        """;

    private const string CountWhatIsThere =
        """
        INSERT INTO verdict_deltas (project_id, quarter, evaluator, accepted, rejected)
        SELECT project_id, quarter, evaluator, accepted, rejected FROM given_verdicts
        """;

    public static IEnumerable<string> Create => [GivenVerdicts, CountWhatIsThere, .. Triggers];

    public static IEnumerable<string> Triggers => [CountVerdict, UncountVerdicts];

    public static string Drop =>
        """
        DROP TRIGGER uncount_verdicts ON traces;
        DROP TRIGGER count_verdict ON evaluations;
        DROP FUNCTION uncount_verdicts;
        DROP FUNCTION count_verdict;
        DROP VIEW given_verdicts;
        """;
}
