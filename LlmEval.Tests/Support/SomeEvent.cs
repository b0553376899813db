using System.Text;
using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;

namespace LlmEval.Tests.Support;

/// <summary>Events for tests that only care about one or two of their properties.</summary>
internal static class SomeEvent
{
    public static LogEvent At(
        long id,
        EventAction action = EventAction.NewTrace,
        string model = "gpt-4",
        EvaluationStatus status = EvaluationStatus.Pending,
        EvaluationStatus? previous = null,
        int project = Projects.Default,
        string payload = "{}") =>
        new(id, project, action, $"t-{id}", model, status, previous, EventFrame.Encode(id, Encoding.UTF8.GetBytes(payload)));

    public static LogEvent[] Range(long first, int count) => [.. Enumerable.Range(0, count).Select(i => At(first + i))];
}
