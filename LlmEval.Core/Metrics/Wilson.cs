namespace LlmEval.Core.Metrics;

/// <summary>
/// Where a share lies that was seen in a sample, with 95 % confidence (Wilson's score interval). Unlike the usual ± it stays
/// between 0 and 1 and says something of three verdicts too.
/// </summary>
public readonly record struct Wilson(double Low, double High)
{
    private const double Z = 1.959963984540054;

    /// <summary>Anything is possible while nothing was seen.</summary>
    public static Wilson Of(long hits, long total)
    {
        if (total <= 0)
        {
            return new Wilson(0, 1);
        }

        double n = total;
        double p = hits / n;
        double middle = (p + (Z * Z / (2 * n))) / (1 + (Z * Z / n));
        double half = Z / (1 + (Z * Z / n)) * Math.Sqrt((p * (1 - p) / n) + (Z * Z / (4 * n * n)));
        return new Wilson(Math.Max(0, middle - half), Math.Min(1, middle + half));
    }
}
