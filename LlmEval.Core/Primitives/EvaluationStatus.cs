using System.Diagnostics.CodeAnalysis;

namespace LlmEval.Core.Primitives;

/// <summary>What people have said of a trace. The numbers are stored: never renumber.</summary>
public enum EvaluationStatus : byte
{
    Pending = 0,

    /// <summary>Set aside by a reviewer. Counts as not yet judged.</summary>
    InReview = 1,
    Accepted = 2,
    Rejected = 3,
}

/// <summary>The names of <see cref="EvaluationStatus"/> on the wire.</summary>
public static class EvaluationStatuses
{
    public const int Count = 4;

    private static readonly string[] Names = ["pending", "in_review", "accepted", "rejected"];

    public static IReadOnlyList<string> All => Names;

    public static string ToWire(this EvaluationStatus status) => Names[(int)status];

    public static bool TryParse([NotNullWhen(true)] string? text, out EvaluationStatus status)
    {
        int at = text is null ? -1 : Array.IndexOf(Names, text);
        status = at < 0 ? default : (EvaluationStatus)at;
        return at >= 0;
    }
}
