using System.Collections.Concurrent;

namespace LlmEval.Core.Access;

/// <summary>Remembers when sessions were used until it is written down: once a minute, not with every request.</summary>
public sealed class SessionUse
{
    private ConcurrentDictionary<int, DateTime> _last = new();

    public void Note(int sessionId, DateTime now) => _last[sessionId] = now;

    internal IReadOnlyDictionary<int, DateTime> Take() => Interlocked.Exchange(ref _last, new());
}
