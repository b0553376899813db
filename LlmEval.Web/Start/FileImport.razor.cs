using LlmEval.Web.Shell;
using LlmEval.Web.Traces;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LlmEval.Web.Start;

/// <summary>A line of an imported file that was not stored.</summary>
public sealed record ImportError(long Line, string? TraceId, string Message);

/// <param name="Errors">The first of those that failed.</param>
public sealed record ImportResult(long Imported, long AlreadyThere, long Failed, IReadOnlyList<ImportError> Errors);

public sealed partial class FileImport : IAsyncDisposable
{
    private ElementReference _element;
    private DotNetObjectReference<FileImport>? _self;
    private PageScript _script = null!;
    private bool _running;
    private int _percent;
    private string? _name;
    private string? _fault;
    private ImportResult? _result;

    [Inject]
    public required IJSRuntime Js { get; init; }

    protected override void OnInitialized() => _script = new PageScript(Js, "./Start/FileImport.razor.js");

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _self = DotNetObjectReference.Create(this);
            await _script.AttachAsync("attach", _element, _self);
        }
    }

    [JSInvokable]
    public void OnBegin(string name)
    {
        (_running, _percent, _name, _fault, _result) = (true, 0, name, null, null);
        StateHasChanged();
    }

    [JSInvokable]
    public void OnProgress(int percent)
    {
        _percent = percent;
        StateHasChanged();
    }

    /// <param name="result">Null when the server could not say.</param>
    /// <param name="fault">Why it ended early, if it did.</param>
    [JSInvokable]
    public void OnEnd(ImportResult? result, string? fault)
    {
        (_running, _result, _fault) = (false, result, fault);
        StateHasChanged();
    }

    private Task CancelAsync() => _script.CallAsync("cancel");

    private static string Describe(ImportResult result)
    {
        var parts = new List<string> { $"{TraceFormat.Count(result.Imported)} imported" };
        if (result.AlreadyThere > 0)
        {
            parts.Add($"{TraceFormat.Count(result.AlreadyThere)} were there already");
        }

        if (result.Failed > 0)
        {
            parts.Add($"{TraceFormat.Count(result.Failed)} could not be imported");
        }

        return string.Join(", ", parts);
    }

    public async ValueTask DisposeAsync()
    {
        await _script.DisposeAsync();
        _self?.Dispose();
    }
}
