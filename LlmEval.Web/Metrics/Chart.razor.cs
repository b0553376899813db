using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LlmEval.Web.Metrics;

/// <summary>Draws a model with ApexCharts. After the first drawing only the points that changed are sent.</summary>
public sealed partial class Chart : IAsyncDisposable
{
    private ElementReference _element;
    private PageScript _script = null!;
    private ChartModel? _shown;

    [Parameter, EditorRequired]
    public required ChartModel Model { get; set; }

    [Inject]
    public required IJSRuntime Js { get; init; }

    protected override bool ShouldRender() => false;

    protected override void OnInitialized() => _script = new PageScript(Js, "./Metrics/Chart.razor.js");

    protected override Task OnParametersSetAsync() => ShowAsync();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            ChartModel first = Model;
            await _script.AttachAsync("draw", _element, first);
            _shown = first;
            await ShowAsync();
        }
    }

    private async Task ShowAsync()
    {
        ChartModel wanted = Model;
        if (_shown is null || ReferenceEquals(wanted, _shown))
        {
            return;
        }

        ChartPatch patch = ChartPatch.Between(_shown, wanted);
        _shown = wanted;
        if (patch.Points is not { } points)
        {
            await _script.CallAsync("show", wanted);
        }
        else if (!patch.IsEmpty)
        {
            await _script.CallAsync("change", points, patch.Times);
        }
    }

    public ValueTask DisposeAsync() => _script.DisposeAsync();
}
