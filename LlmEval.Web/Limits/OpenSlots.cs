using System.Collections.Concurrent;

namespace LlmEval.Web.Limits;

/// <summary>Counts what is open at a time on this replica: for each caller, and of all together.</summary>
/// <param name="perCaller">0 for no limit.</param>
/// <param name="total">0 for no limit.</param>
internal sealed class OpenSlots(int perCaller, int total)
{
    private readonly ConcurrentDictionary<string, int> _open = new(StringComparer.Ordinal);
    private int _all;

    /// <param name="partition">Null for one who has no limit of their own.</param>
    /// <param name="isFull">Nobody gets in any more, rather than this one.</param>
    public bool TryEnter(string? partition, out bool isFull)
    {
        isFull = Interlocked.Increment(ref _all) > total && total > 0;
        if (!isFull && (partition is null || _open.AddOrUpdate(partition, 1, (_, open) => open + 1) <= perCaller || perCaller == 0))
        {
            return true;
        }

        if (!isFull)
        {
            LeaveOwn(partition!);
        }

        Interlocked.Decrement(ref _all);
        return false;
    }

    public void Leave(string? partition)
    {
        Interlocked.Decrement(ref _all);
        if (partition is not null)
        {
            LeaveOwn(partition);
        }
    }

    private void LeaveOwn(string partition)
    {
        if (_open.AddOrUpdate(partition, 0, (_, open) => open - 1) == 0)
        {
            // Only if nobody came in between.
            _open.TryRemove(KeyValuePair.Create(partition, 0));
        }
    }
}
