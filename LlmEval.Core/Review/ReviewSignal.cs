using LlmEval.Core.Primitives;

namespace LlmEval.Core.Review;

/// <summary>
/// Tells the pages of this process that leases changed, which is no event. Pages on other replicas see it with the next event: a
/// verdict and the lease of the next trace go together.
/// </summary>
public sealed class ReviewSignal
{
    private readonly Signal _changed = new();

    /// <summary>Completes at the next change. Take it before reading what it is about.</summary>
    public Task Changed => _changed.Next;

    internal void Raise() => _changed.Raise();
}
