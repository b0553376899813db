using LlmEval.Core.Traces;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Traces;

/// <summary>A trace in the list of one reader. A change makes a new one.</summary>
public sealed class ListedTrace(TraceSummary trace, bool fresh)
{
    public TraceSummary Trace => trace;

    /// <summary>It came or changed while the page was open.</summary>
    public bool Fresh => fresh;

    /// <summary>How it was shown last: a list is gone through several times a second.</summary>
    public SharedRow? Shown { get; set; }

    /// <summary>What a table renders for it. Another table, as after a page without rows, makes its own.</summary>
    public (TraceTable Of, RenderFragment Fragment)? Content { get; set; }

    /// <summary>It is out of sight.</summary>
    public void Forget() => (Shown, Content) = (null, null);
}
