using System.Linq.Expressions;

namespace LlmEval.Core.Traces;

/// <summary>
/// A place for every trace that looks random and never changes: samples are those with the lowest places, and who shuffles a
/// list twice gets it in the same order. Both databases count it from the insertion number.
/// </summary>
internal static class TraceShuffle
{
    /// <summary>How many places there are, a prime: the squares of insertion numbers, taken modulo it, do not follow the numbers.</summary>
    public const long Places = 2_147_483_647;

    private const long Factor = 1_640_531_527;

    // No step exceeds 64 bits.
    public static readonly Expression<Func<Trace, long>> Place = t => t.Id % Places * (t.Id % Places) % Places * Factor % Places;

    private static readonly Func<Trace, long> Compiled = Place.Compile();

    public static long PlaceOf(Trace trace) => Compiled(trace);

    public static Expression<Func<Trace, bool>> IsBelow(long place) =>
        Expression.Lambda<Func<Trace, bool>>(Expression.LessThan(Place.Body, Expression.Constant(place)), Place.Parameters);
}
