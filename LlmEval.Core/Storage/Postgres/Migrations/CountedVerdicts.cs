namespace LlmEval.Core.Storage.Postgres.Migrations;

/// <summary>
/// Counts a reviewer once for a trace: by the last verdict that they gave and did not take back. What others say or take back
/// changes nothing of it (decisions 10 and 15).
/// </summary>
/// <remarks>What a reviewer took back is one array: joined, the planner compared every entry of a long history with every other.</remarks>
internal static class CountedVerdicts
{
    /// <summary>
    /// Until it has committed nobody adds to a history or deletes a trace, so that each is counted either by the old rule, and set
    /// right with the others, or by the new one. Who waits for that goes on by the new one.
    /// </summary>
    public const string HoldWritersOff = "LOCK TABLE traces, evaluations IN SHARE MODE";

    private const string View =
        """
        CREATE VIEW counted_verdicts AS
        SELECT e.project_id, e.trace_id, date_bin('15 minutes', e.created_at, 'epoch') AS quarter, coalesce(e.evaluator, '') AS evaluator,
            (e.status = 2)::int AS accepted, (e.status = 3)::int AS rejected
        FROM evaluations e
        WHERE e.status IN (2, 3) AND e.id =
            (SELECT own.id FROM evaluations own
             WHERE own.project_id = e.project_id AND own.trace_id = e.trace_id AND coalesce(own.evaluator, '') = coalesce(e.evaluator, '')
                AND own.undoes IS NULL AND own.version <> ALL (ARRAY
                    (SELECT u.undoes FROM evaluations u
                     WHERE u.project_id = e.project_id AND u.trace_id = e.trace_id AND u.undoes IS NOT NULL
                        AND coalesce(u.evaluator, '') = coalesce(e.evaluator, '')))
             ORDER BY own.id DESC LIMIT 1)
        """;

    /// <summary>What counts with the new entry, less what counted without: of the same reviewer, and of entries up to it.</summary>
    /// <remarks>It runs after the whole statement, when later entries of an import are there too.</remarks>
    private const string CountVerdict =
        """
        CREATE OR REPLACE FUNCTION count_verdict() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO verdict_deltas (project_id, quarter, evaluator, accepted, rejected)
            SELECT NEW.project_id, date_bin('15 minutes', v.created_at, 'epoch'), coalesce(NEW.evaluator, ''),
                sum(s.times) * (v.status = 2)::int, sum(s.times) * (v.status = 3)::int
            FROM (VALUES (1, NEW.id), (-1, NEW.id - 1)) s(times, last_id)
            CROSS JOIN LATERAL
                (SELECT own.id, own.created_at, own.status FROM evaluations own
                 WHERE own.project_id = NEW.project_id AND own.trace_id = NEW.trace_id AND own.id <= s.last_id
                    AND coalesce(own.evaluator, '') = coalesce(NEW.evaluator, '') AND own.undoes IS NULL AND own.version <> ALL (ARRAY
                        (SELECT u.undoes FROM evaluations u
                         WHERE u.project_id = NEW.project_id AND u.trace_id = NEW.trace_id AND u.undoes IS NOT NULL AND u.id <= s.last_id
                            AND coalesce(u.evaluator, '') = coalesce(NEW.evaluator, '')))
                 ORDER BY own.id DESC LIMIT 1) v
            WHERE v.status IN (2, 3)
            GROUP BY v.id, v.created_at, v.status HAVING sum(s.times) <> 0;
            RETURN NULL;
        END $$
        """;

    private const string UncountVerdicts =
        """
        CREATE OR REPLACE FUNCTION uncount_verdicts() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO verdict_deltas (project_id, quarter, evaluator, accepted, rejected)
            SELECT project_id, quarter, evaluator, -accepted, -rejected
            FROM counted_verdicts WHERE project_id = OLD.project_id AND trace_id = OLD.trace_id;
            RETURN NULL;
        END $$
        """;

    /// <summary>The functions are replaced where they are: dropping the triggers would wait for every reader.</summary>
    public static IEnumerable<string> Create =>
        [View, Difference("counted_verdicts", "given_verdicts"), CountVerdict, UncountVerdicts, "DROP VIEW given_verdicts"];

    public static IEnumerable<string> Drop =>
    [
        VerdictTables.GivenVerdicts,
        Difference("given_verdicts", "counted_verdicts"),
        "DROP TRIGGER uncount_verdicts ON traces; DROP TRIGGER count_verdict ON evaluations; DROP FUNCTION uncount_verdicts; DROP FUNCTION count_verdict",
        .. VerdictTables.Triggers,
        "DROP VIEW counted_verdicts",
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
                   GROUP BY project_id, trace_id, coalesce(evaluator, '') HAVING count(*) > 1 OR count(undoes) > 0) repeated)
        INSERT INTO verdict_deltas (project_id, quarter, evaluator, accepted, rejected)
        SELECT c.project_id, c.quarter, c.evaluator, sum(c.accepted), sum(c.rejected)
        FROM touched t CROSS JOIN LATERAL
            (SELECT project_id, quarter, evaluator, accepted, rejected FROM {now}
             WHERE project_id = t.project_id AND trace_id = t.trace_id
             UNION ALL
             SELECT project_id, quarter, evaluator, -accepted, -rejected FROM {before}
             WHERE project_id = t.project_id AND trace_id = t.trace_id) c
        GROUP BY c.project_id, c.quarter, c.evaluator HAVING sum(c.accepted) <> 0 OR sum(c.rejected) <> 0
        """;
}
