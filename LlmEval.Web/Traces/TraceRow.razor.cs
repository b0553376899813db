using LlmEval.Core.Traces;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Traces;

public sealed partial class TraceRow
{
    private ListedTrace? _renderedRow;
    private bool _renderedOpen;
    private string? _renderedHref;
    private bool _changed;

    [Parameter, EditorRequired]
    public required ListedTrace Row { get; set; }

    /// <summary>Where its details are.</summary>
    [Parameter, EditorRequired]
    public required string Href { get; set; }

    /// <summary>Its details are on the page.</summary>
    [Parameter]
    public bool Open { get; set; }

    [Inject]
    public required ViewerTime Time { get; init; }

    private TraceSummary Trace => Row.Trace;

    private string? Class => (Row.Fresh, Open) switch
    {
        (_, true) => "open",
        (true, _) => "fresh",
        _ => null,
    };

    // A list of many rows is gone through four times a second; only a row that changed goes to the browser. Compared here,
    // because ShouldRender is not asked before the first render.
    protected override void OnParametersSet()
    {
        _changed = !ReferenceEquals(_renderedRow, Row) || _renderedOpen != Open || _renderedHref != Href;
        (_renderedRow, _renderedOpen, _renderedHref) = (Row, Open, Href);
    }

    protected override bool ShouldRender() => _changed;
}
