using System.Text.Encodings.Web;
using System.Text.Json;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Web.Amending;

namespace LlmEval.Web.Traces;

/// <summary>Writes traces as the interface shows them: the fields of the webhook under the webhook's names, then where they stand.</summary>
internal static class TraceJson
{
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One line of an export: a webhook body, and beside it what only an import with the right to do so brings back.</summary>
    public static void WriteExportLine(Utf8JsonWriter json, Trace trace, IReadOnlyList<Evaluation> history)
    {
        json.WriteStartObject();
        WriteFields(json, trace);
        json.WriteStartObject("_llmeval"u8);
        json.WriteString("status"u8, trace.Status.ToWire());
        json.WriteNumber("version"u8, trace.Version);
        json.WriteString("received_at"u8, trace.ReceivedAt);
        json.WriteString("content_hash"u8, Convert.ToHexStringLower(trace.ContentHash));
        WriteText(json, "source"u8, trace.Source);
        WriteText(json, "batch_id"u8, trace.BatchId);
        if (history.Count > 0)
        {
            WriteHistory(json, "history"u8, history);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>A trace as lists and the detail show it.</summary>
    /// <param name="history">Null leaves the member out.</param>
    public static void WriteRecord(Utf8JsonWriter json, Trace trace, IReadOnlyList<Evaluation>? history)
    {
        json.WriteStartObject();
        WriteFields(json, trace);
        json.WriteString("evaluation_status"u8, trace.Status.ToWire());
        json.WriteNumber("version"u8, trace.Version);
        json.WriteString("received_at"u8, trace.ReceivedAt);
        json.WriteBoolean("has_error"u8, trace.HasError);
        WriteText(json, "source"u8, trace.Source);
        WriteText(json, "batch_id"u8, trace.BatchId);
        if (history is not null)
        {
            WriteHistory(json, "evaluations"u8, history);
        }

        json.WriteEndObject();
    }

    // What was not sent is left out, so that the object is the body that was sent.
    private static void WriteFields(Utf8JsonWriter json, Trace trace)
    {
        json.WriteString("trace_id"u8, trace.TraceId);
        json.WriteString("timestamp"u8, trace.Timestamp);
        json.WriteString("model_name"u8, trace.ModelName);
        WriteText(json, "system_prompt"u8, trace.SystemPrompt);
        json.WriteString("user_query"u8, trace.UserQuery);
        json.WriteString("ai_response"u8, trace.AiResponse);
        WriteRaw(json, "functions_called"u8, trace.FunctionsCalled);
        WriteRaw(json, "metadata"u8, trace.Metadata);
        WriteNumber(json, "tokens_used"u8, trace.TokensUsed);
        WriteNumber(json, "prompt_tokens"u8, trace.PromptTokens);
        WriteNumber(json, "completion_tokens"u8, trace.CompletionTokens);
        if (trace.ResponseTimeMs is { } milliseconds)
        {
            json.WriteNumber("response_time_ms"u8, milliseconds);
        }

        if (trace.Cost is { } cost)
        {
            json.WriteNumber("cost"u8, WithoutTrailingZeros(cost));
        }

        WriteRaw(json, "error"u8, trace.Error);
        WriteText(json, "session_id"u8, trace.SessionId);
        WriteText(json, "user_id"u8, trace.UserId);
        WriteText(json, "environment"u8, trace.Environment);
        WriteText(json, "parent_id"u8, trace.ParentId);
        if (trace.Tags is not null)
        {
            json.WriteTexts("tags"u8, trace.Tags);
        }
    }

    private static void WriteHistory(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<Evaluation> history)
    {
        json.WriteStartArray(name);
        foreach (Evaluation entry in history)
        {
            TraceState.Write(json, entry);
        }

        json.WriteEndArray();
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    /// <summary>JSON as it was sent. It was validated then; a number such as 1e999999 would not pass again.</summary>
    private static void WriteRaw(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(OnOneLine(value), skipInputValidation: true);
        }
    }

    /// <summary>
    /// Line breaks in JSON stand between its parts only, where a space means the same; a line of JSONL must not have any.
    /// </summary>
    private static string OnOneLine(string value) => value.AsSpan().ContainsAny('\n', '\r') ? value.Replace('\n', ' ').Replace('\r', ' ') : value;

    /// <summary>One database keeps them, the other does not.</summary>
    internal static decimal WithoutTrailingZeros(decimal value) => value / 1.0000000000000000000000000000m;
}
