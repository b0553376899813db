using Microsoft.JSInterop;

namespace LlmEval.Web.Shell;

/// <summary>
/// The script of a component: its module, and what that attached to the page. Calls to a browser that has left do nothing, because
/// what they would change is gone with it.
/// </summary>
/// <param name="path">Of the module, as <c>./Review/ReviewPage.razor.js</c>.</param>
public sealed class PageScript(IJSRuntime js, string path) : IAsyncDisposable
{
    private IJSObjectReference? _module;
    private IJSObjectReference? _attached;
    private bool _disposed;

    /// <summary>Calls a function of the module and keeps the object that it returns until its <c>dispose</c> is called with the component.</summary>
    public Task AttachAsync(string function, params object?[] arguments) => WhileThereAsync(async () =>
    {
        if (await ModuleAsync() is { } module)
        {
            _attached = await module.InvokeAsync<IJSObjectReference>(function, arguments);
            await ReleaseIfDisposedAsync();
        }
    });

    /// <summary>Calls what is attached; before that, nobody.</summary>
    public Task CallAsync(string function, params object?[] arguments) => WhileThereAsync(async () =>
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

    /// <returns>Null when the component ended meanwhile.</returns>
    private async Task<IJSObjectReference?> ModuleAsync()
    {
        _module ??= await js.InvokeAsync<IJSObjectReference>("import", path);
        await ReleaseIfDisposedAsync();
        return _module;
    }

    private async Task WhileThereAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException || (_disposed && e is JSException))
        {
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
