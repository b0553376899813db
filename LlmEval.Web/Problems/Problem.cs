using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LlmEval.Web.Problems;

/// <summary>
/// An error as callers get it: an RFC 9457 problem document that also carries the members of the original service's errors
/// (<c>success</c>, <c>message</c>, <c>errors</c>).
/// </summary>
public sealed record Problem(int Status, string Title, string Detail)
{
    public const string ContentType = "application/problem+json";

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A URI; this one says no more than the status.</summary>
    public string Type { get; init; } = "about:blank";

    /// <summary>Every fault, one sentence each, naming its field.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>Seconds after which the same request may be sent again.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The server has too much to do, rather than a part of it being away.</summary>
    public bool IsOverload { get; init; }

    /// <summary>Writes further members of the document.</summary>
    public Action<Utf8JsonWriter>? Extensions { get; init; }

    public static Problem BadRequest(string detail, IReadOnlyList<string>? errors = null) =>
        new(StatusCodes.Status400BadRequest, "The request is malformed", detail) { Errors = errors ?? [detail] };

    public static Problem NotFound(string detail) => new(StatusCodes.Status404NotFound, "Not found", detail) { Errors = [detail] };

    public static Problem Invalid(IReadOnlyList<string> errors) =>
        new(StatusCodes.Status422UnprocessableEntity, "The content breaks a rule", string.Join("; ", errors.Take(3))) { Errors = errors };

    public static Problem Unavailable(string detail) =>
        new(StatusCodes.Status503ServiceUnavailable, "Temporarily unavailable", detail) { Errors = [detail], RetryAfter = 1 };

    /// <summary>Also for the moment in which a server starts: it knows no more of its database then than that it has not answered yet.</summary>
    public static Problem DatabaseAway() =>
        Unavailable("The database cannot be used for the moment: it is away, or this server has only just started. Nothing was lost: sending the same request again is safe.");

    /// <summary>A change was on its way when the database went; <c>outcome</c> tells programs that it may be stored.</summary>
    public static Problem OutcomeUnknown() =>
        Unavailable("The database went away while this was being stored, so that it may be stored or not. Look before you send it again: sent twice, it may count twice.")
        with
        { Extensions = static json => json.WriteString("outcome"u8, "unknown"u8) };

    public async Task WriteAsync(HttpContext context)
    {
        HttpResponse response = context.Response;

        // For whoever counts faults by their reason.
        context.Features.Set(this);
        response.StatusCode = Status;
        response.ContentType = ContentType;
        if (RetryAfter is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        await using var writer = new Utf8JsonWriter(response.BodyWriter, WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("type"u8, Type);
        writer.WriteString("title"u8, Title);
        writer.WriteNumber("status"u8, Status);
        writer.WriteString("detail"u8, Detail);
        writer.WriteBoolean("success"u8, false);
        writer.WriteString("message"u8, Detail);
        writer.WriteStartArray("errors"u8);
        foreach (string error in Errors)
        {
            writer.WriteStringValue(error);
        }

        writer.WriteEndArray();
        Extensions?.Invoke(writer);
        writer.WriteEndObject();
    }
}
