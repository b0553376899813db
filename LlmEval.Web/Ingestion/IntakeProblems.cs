using LlmEval.Core.Ingestion;
using LlmEval.Web.Problems;

namespace LlmEval.Web.Ingestion;

/// <summary>The answers to what cannot be stored.</summary>
internal static class IntakeProblems
{
    public const string Conflict = "is already stored with other content, which is untouched; use PATCH to amend it";

    public static Problem Malformed(MalformedBodyException fault) => Problem.BadRequest($"The body is {fault.Message}.");

    public static Problem Of(IngestFailure failure) => failure == IngestFailure.Full
        ? Problem.Unavailable("The intake is full for the moment; the same request again is safe.") with { IsOverload = true }
        : Problem.DatabaseAway();

    /// <summary>Nothing of the request could be stored because all of it is stored otherwise.</summary>
    public static Problem Conflicting(string detail) =>
        new(StatusCodes.Status409Conflict, "Stored with other content", detail) { Errors = [detail] };
}
