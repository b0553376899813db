using System.Collections.Concurrent;
using LlmEval.Core.Events;
using LlmEval.Core.Metrics;
using LlmEval.Core.Primitives;

namespace LlmEval.Web.Streaming;

/// <summary>Reads a project's figures once for all streams that ask at the same position of the event log.</summary>
/// <remarks>Bounded by the number of projects. Every change of the figures is an event, so an unchanged log means unchanged figures.</remarks>
internal sealed class SharedStats(StatsQueries queries, EventHub hub, TimeProvider time)
{
    private readonly ConcurrentDictionary<int, Reading> _readings = new();

    public async Task<Stats> ReadAsync(int projectId, CancellationToken cancel)
    {
        long head = hub.Head;
        DateTime now = time.UtcNow();
        if (!_readings.TryGetValue(projectId, out Reading? reading) || reading.Head != head || reading.Day != now.Date || reading.Stats.IsFaulted)
        {
            // Not cancelled with the first caller: others wait for the same reading.
            reading = new Reading(head, now.Date, queries.ReadAsync(projectId, CancellationToken.None));
            _readings[projectId] = reading;
        }

        return (await reading.Stats.WaitAsync(cancel)) with { At = now };
    }

    private sealed record Reading(long Head, DateTime Day, Task<Stats> Stats);
}
