using LlmEval.Core.Ingestion;
using LlmEval.Web.Problems;

namespace LlmEval.Web.Ingestion;

/// <summary>The answers to what cannot be stored.</summary>
internal static class IntakeProblems
{
    public const string Conflict = "is already stored with other content, which is untouched; use PATCH to amend it";

    private const string Again = "the same request again is safe";

    public static Problem Malformed(MalformedBodyException fault) => new(StatusCodes.Status400BadRequest, $"The body is {fault.Message}.");

    public static Problem Of(IngestFailure failure) => failure == IngestFailure.Full
        ? Away("The intake is full for the moment", TimeSpan.FromSeconds(1))
        : Away("The database is not available", TimeSpan.FromSeconds(5));

    private static Problem Away(string what, TimeSpan retryAfter) =>
        new(StatusCodes.Status503ServiceUnavailable, $"{what}; {Again}.") { RetryAfter = retryAfter };
}
