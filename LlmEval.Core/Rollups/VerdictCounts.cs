namespace LlmEval.Core.Rollups;

/// <summary>
/// The verdicts that one reviewer gave in a quarter of an hour. A verdict counts until the same reviewer changes or takes it back;
/// that somebody else judged the trace later takes nothing from it.
/// </summary>
public abstract class VerdictCounts
{
    /// <summary>Stands for whoever gave no name.</summary>
    public const string Unnamed = "";

    public int ProjectId { get; set; }

    /// <summary>UTC, the beginning of the quarter in which they were given.</summary>
    public DateTime Quarter { get; set; }

    public required string Evaluator { get; set; }
    public long Accepted { get; set; }
    public long Rejected { get; set; }
}

/// <summary>The counts, but for what is not folded in yet.</summary>
public sealed class VerdictRow : VerdictCounts;

/// <summary>
/// A change to the counts that is committed but not yet folded into the rows. The database writes it by itself whenever a verdict
/// is added to a history and whenever a trace that has a history is deleted, whoever does it.
/// </summary>
public sealed class VerdictDelta : VerdictCounts
{
    public long Id { get; set; }
}
