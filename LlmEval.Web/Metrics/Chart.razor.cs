using System.Globalization;
using LlmEval.Web.Live;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LlmEval.Web.Metrics;

/// <summary>
/// Draws a model with ApexCharts. After the first drawing only the points that changed are sent, one call at a time; what the browser
/// may have missed is made good by sending it everything.
/// </summary>
public sealed partial class Chart : IAsyncDisposable
{
    private readonly Closing _closed = new();
    private ElementReference _element;
    private PageScript _script = null!;

    /// <summary>What the browser has; null when that is not known.</summary>
    private ChartModel? _shown;

    /// <summary>Calls of an earlier connection have no say any more.</summary>
    private int _connection;
    private bool _rendered;
    private bool _sending;

    [Parameter, EditorRequired]
    public required ChartModel Model { get; set; }

    [Inject]
    public required IJSRuntime Js { get; init; }

    [Inject]
    public required CircuitLink Link { get; init; }

    protected override bool ShouldRender() => false;

    protected override void OnInitialized() => _script = new PageScript(Js, "./Metrics/Chart.razor.js");

    protected override Task OnParametersSetAsync() => ShowAsync();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _rendered = true;
            _ = MakeGoodAsync();
            await ShowAsync();
        }
    }

    private async Task ShowAsync()
    {
        if (!_rendered || _sending)
        {
            return;
        }

        _sending = true;
        int connection = _connection;
        while (!_closed.IsCancellationRequested && !ReferenceEquals(Model, _shown))
        {
            ChartModel wanted = Model;
            bool arrived = await SendAsync(wanted);
            if (connection != _connection)
            {
                return;
            }

            _shown = arrived ? wanted : null;
            if (!arrived)
            {
                break;
            }
        }

        _sending = false;
    }

    private async Task<bool> SendAsync(ChartModel wanted)
    {
        if (!_script.IsAttached)
        {
            return await _script.AttachAsync("draw", _element, wanted.Json, CultureInfo.CurrentCulture.Name);
        }

        if (_shown is null || ChartPatch.Between(_shown, wanted) is not { Points: not null } patch)
        {
            return await _script.CallAsync("show", wanted.Json);
        }

        return patch.IsEmpty || await _script.CallAsync("change", patch.ToJson());
    }

    /// <summary>A browser that comes back is sent again what was rendered, but not what scripts were told.</summary>
    private async Task MakeGoodAsync()
    {
        try
        {
            Task returned = Link.Returned;
            while (true)
            {
                await returned.WaitAsync(_closed.Token);
                returned = Link.Returned;
                _ = InvokeAsync(ShowAllAsync);
            }
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
        }
    }

    private async Task ShowAllAsync()
    {
        _connection++;
        (_sending, _shown) = (false, null);
        try
        {
            await ShowAsync();
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
    }

    public ValueTask DisposeAsync()
    {
        _closed.Dispose();
        return _script.DisposeAsync();
    }
}
