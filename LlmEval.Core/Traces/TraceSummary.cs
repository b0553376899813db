using LlmEval.Core.Primitives;

namespace LlmEval.Core.Traces;

/// <summary>What a list row shows of a trace: what events carry and <c>initial_traces</c> lists.</summary>
/// <param name="UserQuery">The first 100 characters.</param>
/// <param name="AiResponse">The first 100 characters.</param>
public sealed record TraceSummary(
    string TraceId,
    DateTime Timestamp,
    string ModelName,
    EvaluationStatus Status,
    int Version,
    string UserQuery,
    string AiResponse,
    long? TokensUsed,
    double? ResponseTimeMs,
    decimal? Cost,
    bool HasError,
    string? SessionId,
    IReadOnlyList<string>? Tags)
{
    public const int PreviewLength = 100;

    /// <summary>In the answer to a search: the place of a hit that the beginnings do not show.</summary>
    public string? Excerpt { get; init; }

    public static TraceSummary Of(Trace trace) => new(
        trace.TraceId,
        trace.Timestamp,
        trace.ModelName,
        trace.Status,
        trace.Version,
        Preview(trace.UserQuery),
        Preview(trace.AiResponse),
        trace.TokensUsed,
        trace.ResponseTimeMs,
        trace.Cost,
        trace.HasError,
        trace.SessionId,
        trace.Tags);

    /// <summary>The beginning of a text, never ending in half a surrogate pair.</summary>
    public static string Preview(string text)
    {
        if (text.Length <= PreviewLength)
        {
            return text;
        }

        int end = char.IsHighSurrogate(text[PreviewLength - 1]) ? PreviewLength - 1 : PreviewLength;
        return text[..end];
    }
}
