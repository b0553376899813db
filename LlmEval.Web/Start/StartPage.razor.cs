using LlmEval.Core.Events;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Web.Access;
using LlmEval.Web.Live;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Start;

public sealed partial class StartPage
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private long? _count;
    private bool _wasEmpty;

    /// <summary>The trace that is shown is the first there ever was: it stays, whatever comes after it.</summary>
    private bool _isVeryFirst;
    private int _samples;
    private TraceSummary? _first;
    private bool _busy;
    private string? _fault;

    [CascadingParameter]
    public Caller? Viewer { get; set; }

    [Inject]
    public required StartReads Reads { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    protected override EventFilter Followed => new(Project.Id) { Channel = EventChannel.TraceUpdates };

    protected override async Task OpenAsync()
    {
        await ReadAsync();
        _wasEmpty = _count == 0 && _first is null;
    }

    protected override async Task TakeAsync(LiveBatch batch)
    {
        // As after a large file: more came than the events tell.
        if (batch.Missed)
        {
            long before = _count ?? 0;
            await ReadAsync();
            if (_count > before)
            {
                _first ??= await RetryAsync(Reads.FindNewest);
            }
        }

        // The first that came while one looked on: what somebody has before them is not swapped.
        LogEvent? came = _first is null ? batch.Events.FirstOrDefault(e => e.Action == EventAction.NewTrace && !SampleTraces.Ids.Contains(e.TraceId)) : null;
        if (came is not null && EventSummaries.Of(came) is { } trace)
        {
            (_first, _isVeryFirst) = (trace, _wasEmpty);
        }
    }

    private async Task ReadAsync()
    {
        _count = await RetryAsync(Reads.CountTraces);
        _samples = await RetryAsync(Reads.CountSamples);
    }

    private async Task<T> RetryAsync<T>(Func<CancellationToken, Task<T>> read)
    {
        while (true)
        {
            try
            {
                return await read(Closed);
            }
            catch (Exception e) when (Outage.Is(e))
            {
                await Task.Delay(RetryAfter, Clock, Closed);
            }
        }
    }

    private Task LoadSamplesAsync() => ActAsync(async () =>
        _fault = await Reads.LoadSamples(Closed) ? null : "They could not be stored just now. Try again.");

    private Task RemoveSamplesAsync() => ActAsync(() => Reads.RemoveSamples(Closed));

    private async Task ActAsync(Func<Task> act)
    {
        _busy = true;
        _fault = null;
        try
        {
            await act();
            await ReadAsync();
        }
        catch (Exception e) when (Outage.Is(e))
        {
            _fault = "The database cannot be reached. Try again in a moment.";
        }
        catch (NotAllowedException e)
        {
            _fault = e.Message;
        }
        catch (OperationCanceledException) when (Closed.IsCancellationRequested)
        {
        }

        _busy = false;
    }
}
