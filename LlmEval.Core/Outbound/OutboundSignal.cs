using LlmEval.Core.Primitives;

namespace LlmEval.Core.Outbound;

/// <summary>Says in this process that somebody changed a subscription, or what became of a delivery.</summary>
public sealed class OutboundSignal
{
    private readonly Signal _changed = new();
    private readonly Signal _delivered = new();

    /// <summary>Completes when somebody changes something after it was read: what is served has to be looked at again.</summary>
    public Task Next => _changed.Next;

    /// <summary>Completes at the next change or delivery after it was read: what is shown has to be.</summary>
    public Task NextDelivery => _delivered.Next;

    public void Raise()
    {
        _changed.Raise();
        RaiseDelivery();
    }

    /// <summary>A delivery is planned, was tried, or may have been by another replica.</summary>
    public void RaiseDelivery() => _delivered.Raise();
}
