namespace LlmEval.Core.Views;

/// <summary>A list of traces under a name: what stands in the address of the page that shows it.</summary>
public sealed class SavedView
{
    public int ProjectId { get; set; }

    public required string Name { get; set; }

    /// <summary>From the question mark on; empty for all traces.</summary>
    public required string Query { get; set; }
}
