using System.Buffers;

namespace LlmEval.Core.Events;

/// <summary>Hands events that this process committed to its hub and hints to the others.</summary>
public sealed class EventPublisher(EventHub hub, IEventHint hint)
{
    /// <param name="firstId">The id that the first event got; the others follow.</param>
    public void Publish(long firstId, IReadOnlyList<PendingEvent> events)
    {
        // One block for all frames: they live and die together in the ring.
        int bound = 0;
        foreach (PendingEvent e in events)
        {
            bound += EventFrame.MaxLength(e.Payload);
        }

        byte[] scratch = ArrayPool<byte>.Shared.Rent(bound);
        var ends = new int[events.Count];
        int at = 0;
        for (int i = 0; i < events.Count; i++)
        {
            at += EventFrame.Write(scratch.AsSpan(at), firstId + i, events[i].Payload);
            ends[i] = at;
        }

        byte[] block = scratch[..at];
        ArrayPool<byte>.Shared.Return(scratch);

        var numbered = new LogEvent[events.Count];
        int start = 0;
        for (int i = 0; i < numbered.Length; i++)
        {
            PendingEvent e = events[i];
            numbered[i] = new LogEvent(
                firstId + i, e.ProjectId, e.Action, e.TraceId, e.ModelName, e.Status, e.PreviousStatus, block.AsMemory(start, ends[i] - start));
            start = ends[i];
        }

        hub.Publish(numbered);
        hint.Announce(firstId + events.Count - 1);
    }
}
