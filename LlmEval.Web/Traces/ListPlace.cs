using LlmEval.Core.Traces;

namespace LlmEval.Web.Traces;

/// <summary>Where in a list somebody is who looks at one of its traces, so that they find the list there when they come back.</summary>
public sealed class ListPlace
{
    private TracesAddress? _list;
    private TraceSummary? _trace;

    public void Keep(TracesAddress list, TraceSummary trace) => (_list, _trace) = (list, trace);

    /// <returns>Once: null when they come from elsewhere.</returns>
    public TraceSummary? Take(TracesAddress list)
    {
        TraceSummary? trace = _list?.ListsTheSameAs(list) == true ? _trace : null;
        (_list, _trace) = (null, null);
        return trace;
    }
}
