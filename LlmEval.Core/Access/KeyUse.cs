using System.Collections.Concurrent;

namespace LlmEval.Core.Access;

/// <summary>Remembers when keys were used until it is written down: once a minute, not with every request.</summary>
public sealed class KeyUse
{
    private ConcurrentDictionary<int, DateTime> _last = new();

    public void Note(int keyId, DateTime now) => _last[keyId] = now;

    internal IReadOnlyDictionary<int, DateTime> Take() => Interlocked.Exchange(ref _last, new());
}
