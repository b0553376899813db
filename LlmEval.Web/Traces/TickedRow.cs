using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Traces;

/// <summary>A box in a row was ticked, or its tick taken away. Sent by <c>js/ticked-row.js</c>: one listener for all rows.</summary>
public sealed class TickedRow : EventArgs
{
    public string TraceId { get; set; } = "";

    public bool Ticked { get; set; }
}

/// <summary>Found by the compiler of pages by its name.</summary>
[EventHandler("ontickedrow", typeof(TickedRow))]
public static class EventHandlers;
