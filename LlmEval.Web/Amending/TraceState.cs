using System.Text.Json;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Web.Problems;

namespace LlmEval.Web.Amending;

/// <summary>Where a trace stands, as answers say it.</summary>
internal static class TraceState
{
    /// <summary>Writes <c>trace_id</c>, <c>status</c> and <c>version</c> into the object at hand.</summary>
    public static void Write(Utf8JsonWriter json, Trace trace)
    {
        json.WriteString("trace_id"u8, trace.TraceId);
        json.WriteString("status"u8, trace.Status.ToWire());
        json.WriteNumber("version"u8, trace.Version);
    }

    /// <summary>Writes a verdict as an object.</summary>
    public static void Write(Utf8JsonWriter json, Evaluation entry)
    {
        json.WriteStartObject();
        json.WriteString("status"u8, entry.Status.ToWire());
        json.WriteString("previous_status"u8, entry.PreviousStatus.ToWire());
        json.WriteNumber("version"u8, entry.Version);
        json.WriteString("created_at"u8, entry.CreatedAt);
        json.WriteString("evaluator"u8, entry.Evaluator);
        json.WriteString("reason"u8, entry.Reason);
        json.WriteString("notes"u8, entry.Notes);
        json.WriteTexts("tags"u8, entry.Tags);
        json.WriteString("corrected_response"u8, entry.CorrectedResponse);
        if (entry.Undoes is { } undone)
        {
            json.WriteNumber("undoes"u8, undone);
        }

        json.WriteEndObject();
    }

    /// <summary>The version as a tag, for <c>If-Match</c>.</summary>
    public static string ETag(Trace trace) => $"\"{trace.Version}\"";

    public static Problem NotFound(string traceId) => Problem.NotFound($"There is no trace \"{traceId}\".");

    /// <summary>Somebody changed the trace meanwhile: says so, and where it stands now.</summary>
    /// <param name="status">409, or 412 when a precondition was sent.</param>
    public static async Task<Problem> ChangedAsync(
        int status, int projectId, string traceId, TraceDetailQueries queries, CancellationToken cancel)
    {
        if (await queries.FindAsync(projectId, traceId, cancel) is not { } current)
        {
            return NotFound(traceId);
        }

        string detail = $"The trace \"{traceId}\" changed meanwhile: it is now at version {current.Trace.Version}, {current.Trace.Status.ToWire()}.";
        return new Problem(status, "Changed meanwhile", detail)
        {
            Errors = [detail],
            Extensions = json =>
            {
                json.WriteStartObject("current"u8);
                Write(json, current.Trace);
                json.WritePropertyName("last_evaluation"u8);
                if (current.Last is { } last)
                {
                    Write(json, last);
                }
                else
                {
                    json.WriteNullValue();
                }

                json.WriteEndObject();
            },
        };
    }
}
