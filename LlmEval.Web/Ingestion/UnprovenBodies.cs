using System.Collections.Concurrent;

namespace LlmEval.Web.Ingestion;

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
