using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LlmEval.Web.Shell;

/// <summary>
/// The script of a component: its module, and what that attached to the page. Calls to a browser that has left do nothing, because
/// what they would change is gone with it.
/// </summary>
/// <param name="path">Of the module, as <c>./Review/ReviewPage.razor.js</c>.</param>
public sealed class PageScript(IJSRuntime js, string path) : IAsyncDisposable
{
    /// <summary>A call that went out while the connection was being lost ends as cancelled, after a minute.</summary>
    private const int MostTries = 3;

    private IJSObjectReference? _module;
    private IJSObjectReference? _attached;
    private bool _disposed;

    public bool IsAttached => _attached is not null;

    /// <summary>Calls a function of the module and keeps the object that it returns until its <c>dispose</c> is called with the component.</summary>
    /// <returns>Whether it is attached.</returns>
    public async Task<bool> AttachAsync(string function, params object?[] arguments)
    {
        for (int tries = 0; tries < MostTries && !_disposed && !IsAttached; tries++)
        {
            bool answered = await WhileThereAsync(async () =>
            {
                if (await ModuleAsync() is { } module)
                {
                    _attached = await module.InvokeAsync<IJSObjectReference>(function, arguments);
                    await ReleaseIfDisposedAsync();
                }
            });
            if (answered)
            {
                break;
            }
        }

        return IsAttached;
    }

    /// <summary>Calls what is attached; before that, nobody.</summary>
    /// <returns>False when the browser did not answer.</returns>
    public Task<bool> CallAsync(string function, params object?[] arguments) => WhileThereAsync(async () =>
    {
        if (_attached is { } attached)
        {
            await attached.InvokeVoidAsync(function, arguments);
        }
    });

    /// <summary>Calls a function of the module.</summary>
    public Task RunAsync(string function, params object?[] arguments) => WhileThereAsync(async () =>
    {
        if (await ModuleAsync() is { } module)
        {
            await module.InvokeVoidAsync(function, arguments);
        }
    });

    /// <summary>The answer of a function of the module. A browser that has left is an exception here.</summary>
    public async Task<T> AskAsync<T>(string function, params object?[] arguments) =>
        await (await ModuleAsync() ?? throw new OperationCanceledException()).InvokeAsync<T>(function, arguments);

    /// <summary>To the heading of the page, unless something on it has the focus.</summary>
    public static async Task FocusHeadingAsync(IJSRuntime js)
    {
        try
        {
            await js.InvokeVoidAsync("llmevalViewer.focusHeading");
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException)
        {
            // Nobody is there to go on.
        }
    }

    /// <summary>To an element that this render brought; it may be gone again.</summary>
    public static async Task FocusAsync(ElementReference element)
    {
        try
        {
            await element.FocusAsync();
        }
        catch (Exception e) when (e is JSException or JSDisconnectedException or OperationCanceledException)
        {
            // Nobody is there to type into it.
        }
    }

    /// <returns>Null when the component ended meanwhile.</returns>
    private async Task<IJSObjectReference?> ModuleAsync()
    {
        _module ??= await js.InvokeAsync<IJSObjectReference>("import", path);
        await ReleaseIfDisposedAsync();
        return _module;
    }

    private async Task<bool> WhileThereAsync(Func<Task> call)
    {
        try
        {
            await call();
            return true;
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException || (_disposed && e is JSException))
        {
            return false;
        }
    }

    private async Task ReleaseIfDisposedAsync()
    {
        if (!_disposed)
        {
            return;
        }

        (IJSObjectReference? attached, IJSObjectReference? module) = (_attached, _module);
        (_attached, _module) = (null, null);
        if (attached is not null)
        {
            await attached.InvokeVoidAsync("dispose");
            await attached.DisposeAsync();
        }

        if (module is not null)
        {
            await module.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await WhileThereAsync(ReleaseIfDisposedAsync);
    }
}
