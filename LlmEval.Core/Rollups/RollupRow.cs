namespace LlmEval.Core.Rollups;

/// <summary>The figures of one stretch of time and one model (or of all models together).</summary>
public sealed class RollupRow : Figures
{
    /// <summary>Stands for all models together; no trace has an empty model name.</summary>
    public const string AllModels = "";

    public int ProjectId { get; set; }
    public RollupGrain Grain { get; set; }
    public DateTime Bucket { get; set; }
    public required string ModelName { get; set; }
}

/// <summary>
/// A change to the figures that is committed but not yet folded into the rows. Writers only ever insert these, so that no two
/// of them wait for one another's row; readers add them up, so that figures are exact at every moment.
/// </summary>
public sealed class RollupDelta : Figures
{
    public long Id { get; set; }
    public int ProjectId { get; set; }
    public DateTime Minute { get; set; }
    public required string ModelName { get; set; }
}
