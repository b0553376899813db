namespace LlmEval.Core.Limits;

/// <summary>Makes the counts of what is open.</summary>
public sealed class OpenSlotsFactory
{
    private readonly SharedSlots? _shared;

    internal OpenSlotsFactory(SharedSlots? shared) => _shared = shared;

    /// <param name="what">Is counted by itself, on all replicas by this name.</param>
    /// <param name="perCaller">0 for no limit.</param>
    /// <param name="total">Of all callers together, on this replica; 0 for no limit.</param>
    public OpenSlots Make(string what, int perCaller, int total) => new(what, perCaller, total, _shared);
}
