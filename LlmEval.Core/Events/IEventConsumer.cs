namespace LlmEval.Core.Events;

/// <summary>Something that follows the log with a position of its own in the database. The log is not trimmed past it.</summary>
public interface IEventConsumer
{
    /// <summary>The last event it has dealt with.</summary>
    Task<long> ReadPositionAsync(CancellationToken cancel);
}
