namespace LlmEval.Web.Traces;

/// <summary>The addresses of a list with the details of one of its traces. What they have in common is worked out once: a live list makes fifty a second for every reader.</summary>
public sealed record TraceLinks
{
    /// <summary>Stands where the trace will. It needs no escape, and what follows the trace in an address, names of columns and density, does not have it.</summary>
    private const string Place = "~";

    private readonly string _before;
    private readonly string _after;

    public TraceLinks(TracesAddress list)
    {
        string address = (list with { TraceId = Place }).ToString();
        int at = address.LastIndexOf(Place, StringComparison.Ordinal);
        (_before, _after) = (address[..at], address[(at + Place.Length)..]);
    }

    /// <summary>Relative to the base of the site.</summary>
    public string To(string traceId) => string.Concat(_before, Uri.EscapeDataString(traceId), _after);
}
