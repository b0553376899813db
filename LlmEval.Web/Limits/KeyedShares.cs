using System.Collections.Concurrent;

namespace LlmEval.Web.Limits;

/// <summary>What each of many has taken of something that all share. Whoever has taken nothing is not remembered.</summary>
internal sealed class KeyedShares
{
    private readonly ConcurrentDictionary<string, long> _taken = new(StringComparer.Ordinal);

    /// <returns>False, with nothing taken, when it would be more than <paramref name="most"/> then.</returns>
    public bool TryTake(string who, long most, long amount)
    {
        if (_taken.AddOrUpdate(who, static (_, more) => more, static (_, taken, more) => taken + more, amount) <= most)
        {
            return true;
        }

        GiveBack(who, amount);
        return false;
    }

    public void GiveBack(string who, long amount)
    {
        if (_taken.AddOrUpdate(who, static (_, _) => 0, static (_, taken, less) => taken - less, amount) == 0)
        {
            // Only if nothing came in between.
            _taken.TryRemove(KeyValuePair.Create(who, 0L));
        }
    }
}
