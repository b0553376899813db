using LlmEval.Core.Primitives;

namespace LlmEval.Core.Rollups;

/// <summary>What a rollup counts. Sums of any two figures are figures; a difference subtracts exactly.</summary>
public class Figures
{
    public long Pending { get; set; }
    public long InReview { get; set; }
    public long Accepted { get; set; }
    public long Rejected { get; set; }
    public long Errors { get; set; }
    public long TokensUsed { get; set; }
    public long PromptTokens { get; set; }
    public long CompletionTokens { get; set; }

    /// <summary>US dollars.</summary>
    public decimal Cost { get; set; }

    /// <summary>The sum of response times in milliseconds, each to 6 decimal places.</summary>
    public decimal ResponseTimeMs { get; set; }

    /// <summary>How many traces gave a response time.</summary>
    public long ResponseTimes { get; set; }

    /// <summary>A packed <see cref="Rollups.Histogram"/> of response times.</summary>
    public byte[] Histogram { get; set; } = [];

    public long Traces => Pending + InReview + Accepted + Rejected;

    /// <summary>Adds another's counts and sums. Integer sums stop at their limits instead of failing the fold for everybody.</summary>
    /// <remarks>The histogram is not added: <see cref="FiguresSum"/> does that without packing it each time.</remarks>
    internal void AddCounts(Figures other)
    {
        Pending += other.Pending;
        InReview += other.InReview;
        Accepted += other.Accepted;
        Rejected += other.Rejected;
        Errors += other.Errors;
        TokensUsed = Saturate(TokensUsed, other.TokensUsed);
        PromptTokens = Saturate(PromptTokens, other.PromptTokens);
        CompletionTokens = Saturate(CompletionTokens, other.CompletionTokens);
        Cost += other.Cost;
        ResponseTimeMs += other.ResponseTimeMs;
        ResponseTimes += other.ResponseTimes;
    }

    public void Count(EvaluationStatus status, long times)
    {
        switch (status)
        {
            case EvaluationStatus.Pending:
                Pending += times;
                break;
            case EvaluationStatus.InReview:
                InReview += times;
                break;
            case EvaluationStatus.Accepted:
                Accepted += times;
                break;
            case EvaluationStatus.Rejected:
                Rejected += times;
                break;
        }
    }

    private static long Saturate(long a, long b)
    {
        Int128 sum = (Int128)a + b;
        return sum > long.MaxValue ? long.MaxValue : sum < long.MinValue ? long.MinValue : (long)sum;
    }
}
