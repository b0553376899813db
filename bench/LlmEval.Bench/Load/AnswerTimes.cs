using System.Collections.Concurrent;

namespace LlmEval.Bench.Load;

/// <summary>When traces were answered, by the moment they were to be sent, which at a fixed rate is one of a kind. For any thread.</summary>
internal sealed class AnswerTimes
{
    private readonly ConcurrentDictionary<long, long> _answeredAt = new();

    public void Note(long dueAt, long now) => _answeredAt[dueAt] = now;

    /// <returns>Null when it has no answer.</returns>
    public long? Of(long dueAt) => _answeredAt.TryGetValue(dueAt, out long at) ? at : null;
}
