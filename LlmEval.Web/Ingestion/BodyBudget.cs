using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Ingestion;

/// <summary>What the memory of a body counts in.</summary>
internal interface IBodyRoom
{
    bool TryTake(long bytes);

    void Return(long bytes);
}

/// <summary>
/// How much memory the bodies of requests take in this process, all together: many large ones at a time are refused, not what holds
/// everything else. Counted is what has arrived, since a length is only a claim.
/// </summary>
internal sealed class BodyBudget(IOptions<WebhookOptions> options) : IBodyRoom
{
    private readonly long _most = options.Value.BytesInFlight;
    private long _taken;

    /// <summary>What bodies take now.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>All of it.</summary>
    public long Most => _most;

    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= _most)
        {
            return true;
        }

        Return(bytes);
        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref _taken, -bytes);
}

/// <summary>
/// Bodies of senders of whom nothing is known until all of the body is there: those of one network take at most half of the room, so that
/// whoever sends forever and proves nothing does not keep the others out.
/// </summary>
internal sealed class UnprovenBodies(BodyBudget budget)
{
    private readonly ConcurrentDictionary<string, long> _taken = new(StringComparer.Ordinal);

    public IBodyRoom Of(string network) => new Share(this, network);

    private bool TryTake(string network, long bytes)
    {
        if (_taken.AddOrUpdate(network, bytes, (_, taken) => taken + bytes) <= budget.Most / 2 && budget.TryTake(bytes))
        {
            return true;
        }

        GiveBack(network, bytes);
        return false;
    }

    private void Return(string network, long bytes)
    {
        budget.Return(bytes);
        GiveBack(network, bytes);
    }

    private void GiveBack(string network, long bytes)
    {
        if (_taken.AddOrUpdate(network, 0, (_, taken) => taken - bytes) == 0)
        {
            // Only if nothing came in between.
            _taken.TryRemove(KeyValuePair.Create(network, 0L));
        }
    }

    private sealed class Share(UnprovenBodies all, string network) : IBodyRoom
    {
        public bool TryTake(long bytes) => all.TryTake(network, bytes);

        public void Return(long bytes) => all.Return(network, bytes);
    }
}

/// <summary>There is no room for this body now; there will be.</summary>
internal sealed class BodyBudgetException : Exception;
