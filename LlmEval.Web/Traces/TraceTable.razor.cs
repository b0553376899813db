using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Traces;

public sealed partial class TraceTable
{
    /// <summary>Null while the first list is being read.</summary>
    [Parameter, EditorRequired]
    public ICollection<ListedTrace>? Rows { get; set; }

    [Parameter, EditorRequired]
    public required TracesAddress Address { get; set; }

    [Parameter]
    public bool Busy { get; set; }

    private string HrefOf(string traceId) => (Address with { TraceId = traceId }).ToString();
}
