using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;

namespace LlmEval.Web.Review;

/// <summary>A trace that was judged on this page. Its texts are not kept: there may be thousands of them in a day.</summary>
public sealed class JudgedTrace(TraceDetail seen, Judgement mine, DateTime at)
{
    public TraceSummary Trace { get; } = TraceSummary.Of(seen.Trace);
    public Judgement Mine { get; } = mine;
    public DateTime At { get; } = at;

    /// <summary>Where it stands; others may have said something since.</summary>
    public EvaluationStatus Status { get; set; } = mine.Status;

    /// <summary>The version that it got by the verdict; 0 until that is saved.</summary>
    public int Version { get; set; }

    /// <summary>Ends when the verdict is saved, or could not be.</summary>
    public Task Saving { get; set; } = Task.CompletedTask;
}
