using System.Globalization;
using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Rollups;
using LlmEval.Core.Traces;

namespace LlmEval.Core.Writing;

/// <summary>The statements of <see cref="SqliteTraceStore"/>; parameters are numbered from <c>$0</c>.</summary>
internal static class SqliteStatements
{
    public static readonly string InsertTrace = Insert("traces", StoredColumns.Trace);

    public static readonly string UpdateTrace =
        "UPDATE traces SET " + string.Join(", ", StoredColumns.Trace.Select((name, i) => $"{name} = ${i}")) + $" WHERE id = ${StoredColumns.Trace.Length}";

    public static readonly string InsertEvaluation = Insert(
        "evaluations",
        ["project_id", "trace_id", "status", "previous_status", "version", "created_at", "evaluator", "reason", "notes", "tags", "corrected_response", "undoes"]);

    public static readonly string InsertAudit = Insert(
        "audit_entries", ["at", "project_id", "actor", "user_id", "key_id", "address", "request_id", "action", "subject", "detail"]);

    public static readonly string InsertMessage = Insert("webhook_messages", ["project_id", "digest", "outcomes", "received_at"]);

    public static readonly string InsertDelta = Insert("rollup_deltas", StoredColumns.Delta);

    public static readonly string InsertEvent = Insert(
        "events",
        ["id", "project_id", "action", "created_at", "trace_id", "model_name", "status", "previous_status", "payload"]);

    public static object?[] Values(Trace t) =>
    [
        t.ProjectId, t.TraceId, t.ContentHash, t.Timestamp.ToUnixMicroseconds(), t.ReceivedAt.ToUnixMicroseconds(), t.ModelName, t.UserQuery,
        t.AiResponse, t.SystemPrompt, t.FunctionsCalled, t.Metadata, t.TokensUsed, t.PromptTokens, t.CompletionTokens, t.ResponseTimeMs,
        Exact(t.Cost), t.Error, t.HasError, t.SessionId, t.UserId, t.Environment, t.ParentId, Json(t.Tags), t.Source, t.BatchId,
        (int)t.Status, t.Version,
    ];

    public static object?[] Values(Evaluation e) =>
    [
        e.ProjectId, e.TraceId, (int)e.Status, (int)e.PreviousStatus, e.Version, e.CreatedAt.ToUnixMicroseconds(), e.Evaluator, e.Reason, e.Notes,
        Json(e.Tags), e.CorrectedResponse, e.Undoes,
    ];

    public static object?[] Values(AuditEntry e) =>
        [e.At.ToUnixMicroseconds(), e.ProjectId, e.Actor, e.UserId, e.KeyId, e.Address, e.RequestId, e.Action, e.Subject, e.Detail];

    public static object?[] Values(RollupDelta d) =>
    [
        d.ProjectId, d.Minute.ToUnixMicroseconds(), d.ModelName, d.Pending, d.InReview, d.Accepted, d.Rejected, d.Errors, d.TokensUsed,
        d.PromptTokens, d.CompletionTokens, Exact(d.Cost), Exact(d.ResponseTimeMs), d.ResponseTimes, d.Histogram,
    ];

    public static object?[] Values(AnsweredMessage m, DateTime now) =>
        [m.Message.ProjectId, m.Message.Digest, m.Outcomes, now.ToUnixMicroseconds()];

    public static object?[] Values(long id, long createdAt, PendingEvent e) =>
        [id, e.ProjectId, (int)e.Action, createdAt, e.TraceId, e.ModelName, (int)e.Status, (int?)e.PreviousStatus, (ReadOnlyMemory<byte>)e.Payload];

    private static string Insert(string table, string[] columns) =>
        $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select((_, i) => $"${i}"))})";

    /// <summary>SQLite has no decimal: text keeps every digit, in the form that EF Core reads.</summary>
    private static string? Exact(decimal? value) => value?.ToString("0.0###########################", CultureInfo.InvariantCulture);

    private static string? Json(string[]? values) => values is null ? null : JsonSerializer.Serialize(values);
}
