namespace LlmEval.Web.Traces;

/// <summary>The addresses of a list with the details of one of its traces. What they have in common is worked out once: a live list makes fifty a second for every reader.</summary>
public sealed class TraceLinks
{
    private readonly string _before;
    private readonly string _after;

    public TraceLinks(TracesAddress list)
    {
        // In the order of TracesAddress.Query.
        string before = (list with { TraceId = null, Columns = TraceColumns.All, Compact = false }).ToString();
        string after = new TracesAddress { Columns = list.Columns, Compact = list.Compact }.Query;
        _before = $"{before}{(before == TracesAddress.Path ? '?' : '&')}{TracesAddress.TraceName}=";
        _after = after.Length == 0 ? "" : $"&{after[1..]}";
    }

    /// <summary>Relative to the base of the site.</summary>
    public string To(string traceId) => string.Concat(_before, Uri.EscapeDataString(traceId), _after);
}
