using LlmEval.Bench.Load;

namespace LlmEval.Bench.Streams;

/// <summary>
/// When the trace of an event was to be sent, by the event's id: the first client that sees an event reads it from the trace's
/// id, the others look it up. For one thread.
/// </summary>
internal sealed class SendTimes
{
    private const int Kept = 1 << 16;

    private readonly (long Id, long SentAt)[] _times = new (long, long)[Kept];

    /// <returns>0 when the event is not of a generated trace.</returns>
    public long Of(long id, ReadOnlySpan<byte> payload)
    {
        ref (long Id, long SentAt) entry = ref _times[id & (Kept - 1)];
        if (entry.Id != id)
        {
            entry = (id, TraceId.TryReadSentAt(payload, out long sentAt) ? sentAt : 0);
        }

        return entry.SentAt;
    }
}
