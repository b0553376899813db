using LlmEval.Core.Primitives;

namespace LlmEval.Core.Monitoring;

/// <summary>The samples of the last hour, shared by everybody who looks.</summary>
public sealed class ProcessHistory
{
    /// <summary>One a second for an hour.</summary>
    public const int Capacity = 3_600;

    private readonly Lock _lock = new();
    private readonly Queue<ProcessSample> _samples = new(Capacity);
    private readonly Signal _changed = new();

    /// <summary>Completes with the next sample. Take it before reading.</summary>
    public Task Changed => _changed.Next;

    /// <summary>The samples that end after a moment, oldest first.</summary>
    public IReadOnlyList<ProcessSample> After(DateTime utc)
    {
        lock (_lock)
        {
            return [.. _samples.Where(sample => sample.At > utc)];
        }
    }

    /// <summary>The last stretch of time, taken together.</summary>
    public ProcessWindow Last(TimeSpan length, DateTime now) => new(After(now - length));

    internal void Add(ProcessSample sample)
    {
        lock (_lock)
        {
            if (_samples.Count == Capacity)
            {
                _samples.Dequeue();
            }

            _samples.Enqueue(sample);
        }

        _changed.Raise();
    }
}
