using System.Text;
using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Traces;
using Npgsql;
using NpgsqlTypes;

namespace LlmEval.Core.Writing;

/// <summary>What the transactions of <see cref="PostgresTraceStore"/> are made of: statements with what they are given.</summary>
internal static class PostgresCommands
{
    private static readonly string UpdateColumns =
        $"UPDATE traces SET ({string.Join(", ", StoredColumns.Trace)}) = (SELECT {string.Join(", ", StoredColumns.Trace)} FROM unnest($2)) WHERE id = $1";

    private static readonly string InsertDeltaRows = $"INSERT INTO rollup_deltas ({string.Join(", ", StoredColumns.Delta)}) SELECT * FROM unnest($1)";

    // In one order, as traces: two replicas that are sent the same messages wait for each other.
    private const string InsertMessageRows =
        "INSERT INTO webhook_messages (project_id, digest, outcomes, received_at) SELECT p, d, o, $4 FROM unnest($1, $2, $3) u(p, d, o) ORDER BY p, d";

    private const string InsertEvaluationRows =
        """
        INSERT INTO evaluations (project_id, trace_id, status, previous_status, version, created_at, evaluator, reason, notes, tags, corrected_response, undoes)
        SELECT p, t, s, ps, v, at, who, why, notes, tags::text[], corrected, undoes
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) u(p, t, s, ps, v, at, who, why, notes, tags, corrected, undoes)
        """;

    private const string InsertAuditRow =
        "INSERT INTO audit_entries (at, project_id, actor, user_id, key_id, address, request_id, action, subject, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

    /// <summary>With the events; its result is the id of the first.</summary>
    public static NpgsqlBatchCommand StoreTraces(PostgresRowWriter rows, PostgresRowWriter deltas, DateTime at) => new("SELECT store_traces($1, $2, $3)")
    {
        Parameters = { PostgresRows.TracesParameter(rows), Of(at), PostgresRows.DeltasParameter(deltas) },
    };

    /// <summary>Its result is the id of the first.</summary>
    public static NpgsqlBatchCommand AppendEvents(IReadOnlyList<PendingEvent> events, DateTime at) => new("SELECT append_events($1, $2, $3, $4, $5, $6, $7, $8)")
    {
        Parameters =
        {
            ArrayOf(events.Select(e => e.ProjectId), NpgsqlDbType.Integer),
            ArrayOf(events.Select(e => (short)e.Action), NpgsqlDbType.Smallint),
            ArrayOf(events.Select(e => e.TraceId), NpgsqlDbType.Text),
            ArrayOf(events.Select(e => e.ModelName), NpgsqlDbType.Text),
            ArrayOf(events.Select(e => (short)e.Status), NpgsqlDbType.Smallint),
            ArrayOf(events.Select(e => (short?)e.PreviousStatus), NpgsqlDbType.Smallint),
            ArrayOf(events.Select(e => e.Text), NpgsqlDbType.Text),
            Of(at),
        },
    };

    public static NpgsqlBatchCommand ExpectVersion(long row, int version) => new("SELECT expect_version($1, $2)") { Parameters = { Of(row), Of(version) } };

    /// <param name="after">All of the row as it is to be.</param>
    public static NpgsqlBatchCommand UpdateTrace(long row, PostgresRowWriter after) =>
        new(UpdateColumns) { Parameters = { Of(row), PostgresRows.TracesParameter(after) } };

    public static NpgsqlBatchCommand DeleteTrace(long row) => new("DELETE FROM traces WHERE id = $1") { Parameters = { Of(row) } };

    public static NpgsqlBatchCommand DeleteEvaluations(int projectId, string traceId) =>
        new("DELETE FROM evaluations WHERE project_id = $1 AND trace_id = $2") { Parameters = { Of(projectId), Of(traceId) } };

    public static NpgsqlBatchCommand InsertDeltas(PostgresRowWriter deltas) => new(InsertDeltaRows) { Parameters = { PostgresRows.DeltasParameter(deltas) } };

    /// <param name="onlyNew">Leaves those that are there as they are, instead of failing.</param>
    public static NpgsqlBatchCommand InsertMessages(IReadOnlyList<AnsweredMessage> messages, DateTime at, bool onlyNew = false) =>
        new(onlyNew ? InsertMessageRows + " ON CONFLICT DO NOTHING" : InsertMessageRows)
        {
            Parameters =
            {
                ArrayOf(messages.Select(m => m.Message.ProjectId), NpgsqlDbType.Integer),
                ArrayOf(messages.Select(m => m.Message.Digest), NpgsqlDbType.Bytea),
                ArrayOf(messages.Select(m => m.Outcomes), NpgsqlDbType.Bytea),
                Of(at),
            },
        };

    public static NpgsqlBatchCommand InsertEvaluations(IReadOnlyList<Evaluation> entries) => new(InsertEvaluationRows)
    {
        Parameters =
        {
            ArrayOf(entries.Select(e => e.ProjectId), NpgsqlDbType.Integer),
            ArrayOf(entries.Select(e => e.TraceId), NpgsqlDbType.Text),
            ArrayOf(entries.Select(e => (short)e.Status), NpgsqlDbType.Smallint),
            ArrayOf(entries.Select(e => (short)e.PreviousStatus), NpgsqlDbType.Smallint),
            ArrayOf(entries.Select(e => e.Version), NpgsqlDbType.Integer),
            ArrayOf(entries.Select(e => e.CreatedAt), NpgsqlDbType.TimestampTz),
            ArrayOf(entries.Select(e => e.Evaluator), NpgsqlDbType.Text),
            ArrayOf(entries.Select(e => e.Reason), NpgsqlDbType.Text),
            ArrayOf(entries.Select(e => e.Notes), NpgsqlDbType.Text),
            ArrayOf(entries.Select(e => ArrayLiteral(e.Tags)), NpgsqlDbType.Text),
            ArrayOf(entries.Select(e => e.CorrectedResponse), NpgsqlDbType.Text),
            ArrayOf(entries.Select(e => e.Undoes), NpgsqlDbType.Integer),
        },
    };

    public static NpgsqlBatchCommand InsertAudit(AuditEntry line) => new(InsertAuditRow)
    {
        Parameters =
        {
            Nullable(line.At, NpgsqlDbType.TimestampTz),
            Nullable(line.ProjectId, NpgsqlDbType.Integer),
            Nullable(line.Actor, NpgsqlDbType.Text),
            Nullable(line.UserId, NpgsqlDbType.Integer),
            Nullable(line.KeyId, NpgsqlDbType.Integer),
            Nullable(line.Address, NpgsqlDbType.Text),
            Nullable(line.RequestId, NpgsqlDbType.Text),
            Nullable(line.Action, NpgsqlDbType.Text),
            Nullable(line.Subject, NpgsqlDbType.Text),
            Nullable(line.Detail, NpgsqlDbType.Json),
        },
    };

    public static NpgsqlParameter<T[]> ArrayOf<T>(IEnumerable<T> values, NpgsqlDbType type) =>
        new() { TypedValue = values as T[] ?? [.. values], NpgsqlDbType = NpgsqlDbType.Array | type };

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter Nullable(object? value, NpgsqlDbType type) => new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };

    /// <summary>A text array as PostgreSQL writes it: unnest would flatten an array of arrays.</summary>
    private static string? ArrayLiteral(string[]? values)
    {
        if (values is null)
        {
            return null;
        }

        var text = new StringBuilder("{");
        foreach (string value in values)
        {
            text.Append(text.Length > 1 ? "," : "").Append('"').Append(value.Replace("\\", "\\\\").Replace("\"", "\\\"")).Append('"');
        }

        return text.Append('}').ToString();
    }
}
