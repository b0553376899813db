using System.Collections.Concurrent;

namespace LlmEval.Core.Access;

/// <summary>Remembers when something was last used until it is written down: once a minute, not with every request.</summary>
public abstract class LastUses
{
    private ConcurrentDictionary<int, DateTime> _last = new();

    public void Note(int id, DateTime now) => _last[id] = now;

    internal IReadOnlyDictionary<int, DateTime> Take() => Interlocked.Exchange(ref _last, new());

    /// <summary>Gives back what could not be written down; what was noted since is newer.</summary>
    internal void PutBack(IReadOnlyDictionary<int, DateTime> taken)
    {
        foreach ((int id, DateTime at) in taken)
        {
            _last.TryAdd(id, at);
        }
    }
}

/// <summary>When keys were last used.</summary>
public sealed class KeyUse : LastUses;

/// <summary>When sessions were last used.</summary>
public sealed class SessionUse : LastUses;
