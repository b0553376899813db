using LlmEval.Web.Live;
using LlmEval.Web.Shell;
using LlmEval.Web.Traces;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Settings;

public sealed partial class RetentionForm : IDisposable
{
    /// <summary>After the last key; counting takes the database some work.</summary>
    private static readonly TimeSpan TypingPause = TimeSpan.FromMilliseconds(400);

    private readonly Closing _closed = new();
    private OutageRetry _retry = null!;
    private RetentionState _state = null!;
    private int _typed;
    private bool _asking;

    [Inject]
    public required RetentionReads Reads { get; init; }

    [Inject]
    public required ViewerTime Time { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    private string PreviewText => _state.Preview switch
    {
        _ when !_state.Loaded => _retry.Waiting,
        null => _state.Faults.Count > 0 || _state.Message is not null ? "" : "Counting…",
        { Going: 0 } kept => $"Nothing would go: {(kept.Stored == 1 ? "the one trace is" : $"all {TraceFormat.Count(kept.Stored)} traces are")} kept.",
        var going => $"{TraceFormat.Count(going.Going)} of {TraceFormat.Count(going.Stored, "trace")} would go, "
            + $"from {Time.Short(going.Oldest!.Value)} to {Time.Short(going.Newest!.Value)}.",
    };

    protected override void OnInitialized() => (_retry, _state) = (new OutageRetry(Clock, StateHasChanged), new RetentionState(Reads));

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await QuietlyAsync(async () =>
            {
                await Time.KnowZoneAsync();
                await _retry.RunAsync(() => _state.LoadAsync(_closed.Token), _closed.Token);
                StateHasChanged();
            });
        }
    }

    private Task TypeAsync(Action set) => QuietlyAsync(async () =>
    {
        set();
        _state.Retype();
        _asking = false;
        int typed = ++_typed;
        await Task.Delay(TypingPause, Clock, _closed.Token);
        if (typed == _typed)
        {
            await _state.PreviewAsync(_closed.Token);
        }
    });

    private async Task AskAsync()
    {
        if (_state.CanRetry)
        {
            await QuietlyAsync(() => _state.PreviewAsync(_closed.Token));
        }

        if (_state.CanSave && _state.Preview is { Going: > 0 })
        {
            _asking = true;
        }
        else
        {
            await SaveAsync();
        }
    }

    private Task SaveAsync() => QuietlyAsync(async () =>
    {
        await _state.SaveAsync(_closed.Token);
        _asking = false;
    });

    private async Task QuietlyAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
        }
    }

    public void Dispose() => _closed.Dispose();
}
