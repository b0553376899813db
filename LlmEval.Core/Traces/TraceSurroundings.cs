namespace LlmEval.Core.Traces;

/// <summary>The neighbours of a place in a list, the nearest first.</summary>
public sealed record TraceSurroundings(IReadOnlyList<TraceSummary> Newer, IReadOnlyList<TraceSummary> Older)
{
    public static readonly TraceSurroundings None = new([], []);
}
