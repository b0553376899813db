namespace LlmEval.Core.Outbound;

/// <summary>Messages that arrived before their event was in the log: their deliveries are recorded, and nothing is sent twice.</summary>
internal sealed class SentNotices
{
    private const int Kept = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, AttemptResult> _results = [];
    private readonly Queue<string> _order = [];

    public void Add(string messageId, AttemptResult result)
    {
        lock (_lock)
        {
            if (_results.TryAdd(messageId, result))
            {
                _order.Enqueue(messageId);
            }

            if (_order.Count > Kept)
            {
                _results.Remove(_order.Dequeue());
            }
        }
    }

    /// <summary>Only once: who has a delivery sent again by hand wants it sent.</summary>
    public AttemptResult? Take(string messageId)
    {
        lock (_lock)
        {
            return _results.Remove(messageId, out AttemptResult? result) ? result : null;
        }
    }
}
