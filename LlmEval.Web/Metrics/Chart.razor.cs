using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LlmEval.Web.Metrics;

/// <summary>Draws a model with ApexCharts. After the first drawing only the points that changed are sent.</summary>
public sealed partial class Chart : IAsyncDisposable
{
    private ElementReference _element;
    private IJSObjectReference? _module;
    private IJSObjectReference? _chart;
    private ChartModel? _shown;
    private bool _disposed;

    [Parameter, EditorRequired]
    public required ChartModel Model { get; set; }

    [Inject]
    public required IJSRuntime Js { get; init; }

    protected override bool ShouldRender() => false;

    protected override async Task OnParametersSetAsync()
    {
        if (_chart is not null)
        {
            await ShowAsync(_chart);
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        try
        {
            _module = await Js.InvokeAsync<IJSObjectReference>("import", "./Metrics/Chart.razor.js");
            ChartModel first = Model;
            IJSObjectReference chart = await _module.InvokeAsync<IJSObjectReference>("draw", _element, first);
            _shown = first;
            _chart = chart;
            if (_disposed)
            {
                await ReleaseAsync();
                return;
            }

            await ShowAsync(chart);
        }
        catch (JSDisconnectedException)
        {
            // The browser left while the page opened.
        }
    }

    private async Task ShowAsync(IJSObjectReference chart)
    {
        ChartModel wanted = Model;
        if (ReferenceEquals(wanted, _shown) || _shown is null)
        {
            return;
        }

        ChartPatch patch = ChartPatch.Between(_shown, wanted);
        _shown = wanted;
        if (patch.Points is not { } points)
        {
            await chart.InvokeVoidAsync("show", wanted);
        }
        else if (points.Count > 0)
        {
            await chart.InvokeVoidAsync("change", points);
        }
    }

    private async Task ReleaseAsync()
    {
        try
        {
            if (_chart is not null)
            {
                await _chart.InvokeVoidAsync("dispose");
                await _chart.DisposeAsync();
            }

            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone, and the chart with it.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await ReleaseAsync();
    }
}
