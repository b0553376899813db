using LlmEval.Core.Events;
using LlmEval.Web.Access;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LlmEval.Web.Live;

/// <summary>A page or part of a page that follows the event log. The subscription ends with it.</summary>
public abstract class LiveComponent : ComponentBase, IAsyncDisposable
{
    private readonly CancellationTokenSource _closed = new();
    private LiveFeed? _feed;

    protected LiveComponent() => Closed = _closed.Token;

    [Inject]
    public required PageProject Project { protected get; init; }

    [Inject]
    public required LiveFeeds Feeds { private get; init; }

    [Inject]
    public required ViewerTime Time { get; init; }

    /// <summary>The events that it follows.</summary>
    protected virtual EventFilter Followed => new(Project.Id);

    /// <summary>Something besides the log: see <see cref="LiveFeeds.Open"/>.</summary>
    protected virtual Func<Task>? Signal => null;

    /// <summary>Cancelled when the component ends.</summary>
    protected CancellationToken Closed { get; }

    private bool IsClosed => Closed.IsCancellationRequested;

    /// <summary>The browser is there, and <see cref="OpenAsync"/> has begun.</summary>
    protected bool IsOpen { get; private set; }

    /// <summary>Reads what is shown; a render follows.</summary>
    protected abstract Task OpenAsync();

    // Not while prerendering: the viewer's time zone is not known yet, and everything would be read twice.
    protected sealed override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender || IsClosed)
        {
            return;
        }

        // Before the first read of what is to be kept current, so that nothing falls between.
        _feed = Feeds.Open(Followed, batch => InvokeAsync(() => DeliverAsync(batch)), Signal);
        IsOpen = true;
        try
        {
            await Time.KnowZoneAsync();
            await OpenAsync();
            if (!IsClosed)
            {
                StateHasChanged();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser left while the page opened.
        }
        catch (OperationCanceledException) when (IsClosed)
        {
        }
    }

    /// <summary>Applies a batch; a render follows. On the component's dispatcher, one batch at a time.</summary>
    protected abstract Task TakeAsync(LiveBatch batch);

    private async Task DeliverAsync(LiveBatch batch)
    {
        if (IsClosed)
        {
            return;
        }

        try
        {
            await TakeAsync(batch);
            if (!IsClosed)
            {
                StateHasChanged();
            }
        }
        catch (OperationCanceledException) when (IsClosed)
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
        if (IsClosed)
        {
            return;
        }

        await _closed.CancelAsync();
        _closed.Dispose();
        GC.SuppressFinalize(this);
        await DisposeCoreAsync();
        if (_feed is not null)
        {
            await _feed.DisposeAsync();
        }
    }

    /// <summary>Ends what goes on beside <see cref="Closed"/>.</summary>
    protected virtual ValueTask DisposeCoreAsync() => ValueTask.CompletedTask;
}
