namespace LlmEval.Web.Live;

/// <summary>
/// Spreads circuits over the interval at which they render: each gets a part of it, from 0 up to 1, and however many there are
/// they lie far from each other.
/// </summary>
public sealed class LivePhases
{
    /// <summary>Steps of the golden section fill a circle evenly, whenever they stop.</summary>
    private const double Step = 0.618_033_988_749_894_9;

    private int _given = -1;

    public double Next() => (uint)Interlocked.Increment(ref _given) * Step % 1;
}
