using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Web.Live;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LlmEval.Web.Traces;

public sealed partial class TraceDetails : IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly Closing _closed = new();
    private ElementReference _title;
    private Trace? _trace;
    private string? _message;
    private int _read = -1;

    [Parameter, EditorRequired]
    public required string TraceId { get; set; }

    /// <summary>Grows when the trace changed.</summary>
    [Parameter]
    public int Revision { get; set; }

    [Parameter, EditorRequired]
    public required string CloseHref { get; set; }

    [Parameter, EditorRequired]
    public required string PageHref { get; set; }

    [Inject]
    public required TraceReads Reads { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    private string? TokenSplit => _trace is { PromptTokens: not null } or { CompletionTokens: not null }
        ? $"{TraceFormat.Count(_trace.PromptTokens)} in, {TraceFormat.Count(_trace.CompletionTokens)} out"
        : null;

    protected override async Task OnParametersSetAsync()
    {
        if (_read == Revision)
        {
            return;
        }

        _read = Revision;
        try
        {
            await ReadAsync();
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            try
            {
                await _title.FocusAsync(preventScroll: true);
            }
            catch (JSException)
            {
                // Closed again before it could be focused.
            }
        }
    }

    private async Task ReadAsync()
    {
        while (true)
        {
            try
            {
                _trace = (await Reads.Find(TraceId, _closed.Token))?.Trace;
                _message = "There is no such trace. It may have been deleted.";
                return;
            }
            catch (Exception e) when (Outage.Is(e))
            {
                _message = "The database cannot be reached. Trying again…";
                StateHasChanged();
                await Task.Delay(RetryAfter, Clock, _closed.Token);
            }
        }
    }

    public void Dispose() => _closed.Dispose();
}
