using System.Diagnostics;
using System.Text.Json;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using Npgsql;
using NpgsqlTypes;
using Trace = LlmEval.Core.Traces.Trace;

namespace LlmEval.Bench.Baselines;

/// <summary>Binary COPY straight into a table with the product's columns and indexes: the fastest way in that PostgreSQL has.</summary>
internal static class CopyBaseline
{
    public const string Table = "copy_traces";

    private const int RowsPerCommit = 10_000;

    private const string Columns =
        "project_id, trace_id, content_hash, timestamp, received_at, model_name, user_query, ai_response, system_prompt, "
        + "functions_called, metadata, "
        + "tokens_used, prompt_tokens, completion_tokens, response_time_ms, cost, has_error, user_id, source, batch_id, status, version";

    /// <summary>Copies for a while over one connection.</summary>
    /// <returns>What it reached, as the load generator would say it.</returns>
    public static async Task<LoadResult> RunAsync(
        string connectionString, TraceBodies bodies, TimeSpan warmUp, TimeSpan duration, CpuMeter meter, CancellationToken cancel)
    {
        List<Trace> rows = MakeRows(bodies);
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(cancel);
        var result = new LoadResult();
        await CopyForAsync(connection, rows, warmUp, cancel);
        meter.Start();
        long began = Stopwatch.GetTimestamp();
        result.Traces = await CopyForAsync(connection, rows, duration, cancel);
        result.Seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        result.Cpu = meter.Stop();
        return result;
    }

    private static async Task<long> CopyForAsync(NpgsqlConnection connection, List<Trace> rows, TimeSpan duration, CancellationToken cancel)
    {
        long copied = 0;
        for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < duration;)
        {
            await using NpgsqlBinaryImporter copy = await connection.BeginBinaryImportAsync(
                $"COPY {Table} ({Columns}) FROM STDIN (FORMAT binary)", cancel);
            for (int i = 0; i < RowsPerCommit; i++)
            {
                await WriteAsync(copy, rows[i % rows.Count], cancel);
            }

            await copy.CompleteAsync(cancel);
            copied += RowsPerCommit;
        }

        return copied;
    }

    private static async Task WriteAsync(NpgsqlBinaryImporter copy, Trace t, CancellationToken cancel)
    {
        await copy.StartRowAsync(cancel);
        await copy.WriteAsync(t.ProjectId, NpgsqlDbType.Integer, cancel);
        await copy.WriteAsync(NewId(), NpgsqlDbType.Text, cancel);
        await copy.WriteAsync(t.ContentHash, NpgsqlDbType.Bytea, cancel);
        await copy.WriteAsync(t.Timestamp, NpgsqlDbType.TimestampTz, cancel);
        await copy.WriteAsync(t.ReceivedAt, NpgsqlDbType.TimestampTz, cancel);
        await copy.WriteAsync(t.ModelName, NpgsqlDbType.Text, cancel);
        await copy.WriteAsync(t.UserQuery, NpgsqlDbType.Text, cancel);
        await copy.WriteAsync(t.AiResponse, NpgsqlDbType.Text, cancel);
        await copy.WriteAsync(t.SystemPrompt, NpgsqlDbType.Text, cancel);
        await copy.WriteAsync(t.FunctionsCalled, NpgsqlDbType.Json, cancel);
        await copy.WriteAsync(t.Metadata, NpgsqlDbType.Json, cancel);
        await copy.WriteAsync(t.TokensUsed!.Value, NpgsqlDbType.Bigint, cancel);
        await copy.WriteAsync(t.PromptTokens!.Value, NpgsqlDbType.Bigint, cancel);
        await copy.WriteAsync(t.CompletionTokens!.Value, NpgsqlDbType.Bigint, cancel);
        await copy.WriteAsync(t.ResponseTimeMs!.Value, NpgsqlDbType.Double, cancel);
        await copy.WriteAsync(t.Cost!.Value, NpgsqlDbType.Numeric, cancel);
        await copy.WriteAsync(t.HasError, NpgsqlDbType.Boolean, cancel);
        await copy.WriteAsync(t.UserId, NpgsqlDbType.Text, cancel);
        await copy.WriteAsync("bench", NpgsqlDbType.Text, cancel);
        await copy.WriteAsync("batch", NpgsqlDbType.Text, cancel);
        await copy.WriteAsync((short)t.Status, NpgsqlDbType.Smallint, cancel);
        await copy.WriteAsync(t.Version, NpgsqlDbType.Integer, cancel);
    }

    private static List<Trace> MakeRows(TraceBodies bodies)
    {
        var rows = new List<Trace>();
        var body = new byte[bodies.MaxLength];
        for (ulong i = 0; i < 2_048; i++)
        {
            int length = bodies.Write(body, 0, i, 0, "2026-01-01T00:00:00.000Z"u8, out _);
            Trace row = EfTraces.ToRow(JsonSerializer.Deserialize(body.AsSpan(0, length), BareJson.Default.BareTrace)!);
            row.Timestamp = row.ReceivedAt;
            rows.Add(row);
        }

        return rows;
    }

    private static string NewId() => string.Create(TraceId.Length, 0, static (target, _) =>
    {
        Random.Shared.GetHexString(target[..16], lowercase: true);
        target[16] = '-';
        Random.Shared.GetHexString(target[17..], lowercase: true);
    });
}
