using System.Collections.Concurrent;

namespace LlmEval.Core.Limits;

/// <summary>Why somebody may not open one more.</summary>
public enum SlotRefusal : byte
{
    None,

    /// <summary>They have as many open as they may.</summary>
    TooMany,

    /// <summary>This replica has as many open as it may, for whomever.</summary>
    Full,
}

/// <summary>
/// Counts what is open at a time: for each caller over all replicas when there is Redis, else on this one; and of all callers
/// together on this one, whose memory it is.
/// </summary>
public sealed class OpenSlots
{
    private readonly string _what;
    private readonly int _perCaller;
    private readonly int _total;
    private readonly SharedSlots? _shared;
    private readonly ConcurrentDictionary<string, int> _open = new(StringComparer.Ordinal);
    private int _all;

    /// <param name="what">Is counted by itself.</param>
    /// <param name="perCaller">0 for no limit.</param>
    /// <param name="total">0 for no limit.</param>
    internal OpenSlots(string what, int perCaller, int total, SharedSlots? shared)
    {
        _what = what;
        _perCaller = perCaller;
        _total = total;
        _shared = shared;
    }

    /// <param name="partition">Null for one who has no limit of their own.</param>
    /// <returns>Who is not refused has to <see cref="Leave"/>.</returns>
    public async ValueTask<SlotRefusal> EnterAsync(string? partition)
    {
        SlotRefusal refusal = EnterHere(partition);
        if (refusal != SlotRefusal.None || !IsShared(partition))
        {
            return refusal;
        }

        if (await _shared!.EnterAsync(_what, partition!, _perCaller) != false)
        {
            return SlotRefusal.None;
        }

        LeaveHere(partition);
        return SlotRefusal.TooMany;
    }

    public void Leave(string? partition)
    {
        LeaveHere(partition);
        if (IsShared(partition))
        {
            _shared!.Leave(_what, partition!);
        }
    }

    private bool IsShared(string? partition) => _shared is not null && partition is not null && _perCaller > 0;

    private SlotRefusal EnterHere(string? partition)
    {
        if (Interlocked.Increment(ref _all) > _total && _total > 0)
        {
            Interlocked.Decrement(ref _all);
            return SlotRefusal.Full;
        }

        if (partition is null || _open.AddOrUpdate(partition, 1, (_, open) => open + 1) <= _perCaller || _perCaller == 0)
        {
            return SlotRefusal.None;
        }

        LeaveHere(partition);
        return SlotRefusal.TooMany;
    }

    private void LeaveHere(string? partition)
    {
        Interlocked.Decrement(ref _all);
        if (partition is not null && _open.AddOrUpdate(partition, 0, (_, open) => open - 1) == 0)
        {
            // Only if nobody came in between.
            _open.TryRemove(KeyValuePair.Create(partition, 0));
        }
    }
}
