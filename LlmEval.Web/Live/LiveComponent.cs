using LlmEval.Core.Events;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Live;

/// <summary>A page or part of a page that follows the event log. The subscription ends with it.</summary>
public abstract class LiveComponent : ComponentBase, IAsyncDisposable
{
    private LiveFeed? _feed;
    private bool _disposed;

    [Inject]
    public required LiveFeeds Feeds { private get; init; }

    /// <summary>Begins to follow. Call it before the first read of what is to be kept current, so that nothing falls between.</summary>
    /// <param name="signal">Something besides the log: see <see cref="LiveFeeds.Open"/>.</param>
    protected void Follow(EventFilter filter, Func<Task>? signal = null)
    {
        if (!_disposed)
        {
            _feed ??= Feeds.Open(filter, batch => InvokeAsync(() => DeliverAsync(batch)), signal);
        }
    }

    /// <summary>Applies a batch; a render follows. On the component's dispatcher, one batch at a time.</summary>
    protected abstract Task TakeAsync(LiveBatch batch);

    private async Task DeliverAsync(LiveBatch batch)
    {
        if (_disposed)
        {
            return;
        }

        try
        {
            await TakeAsync(batch);
            if (!_disposed)
            {
                StateHasChanged();
            }
        }
        catch (OperationCanceledException) when (_disposed)
        {
        }
        catch (Exception e)
        {
            // To the page's error boundary: a fault of one page must not reach other circuits or the process.
            await DispatchExceptionAsync(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        GC.SuppressFinalize(this);
        await DisposeCoreAsync();
        if (_feed is not null)
        {
            await _feed.DisposeAsync();
        }
    }

    /// <summary>Ends what <see cref="TakeAsync"/> may be waiting for.</summary>
    protected virtual ValueTask DisposeCoreAsync() => ValueTask.CompletedTask;
}
