using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Traces;

/// <summary>Stored traces for tests of lists.</summary>
internal static class SomeTraces
{
    /// <param name="minutesAgo">Before <see cref="SomeTrace.Now"/>.</param>
    public static Trace One(
        string traceId,
        double minutesAgo = 0,
        EvaluationStatus status = EvaluationStatus.Pending,
        string model = "gpt-4",
        bool error = false) => new()
        {
            ProjectId = Projects.Default,
            TraceId = traceId,
            ContentHash = [],
            Timestamp = SomeTrace.Now.AddMinutes(-minutesAgo),
            ReceivedAt = SomeTrace.Now,
            ModelName = model,
            UserQuery = "Question of " + traceId,
            AiResponse = "Answer to " + traceId,
            Status = status,
            HasError = error,
            Version = 1,
        };
}
