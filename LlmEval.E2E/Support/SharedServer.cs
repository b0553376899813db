namespace LlmEval.E2E.Support;

/// <summary>
/// One server for the tests of a class, or of the classes of a collection; it starts when the first of them knows that there is a browser.
/// What a test sends has names of its own, and it looks at that alone, or at the newest.
/// </summary>
public sealed class SharedServer : IAsyncDisposable
{
    private ServerProcess? _server;

    public async Task<ServerProcess> GetAsync(Browser browser)
    {
        browser.Require();
        return _server ??= await ServerProcess.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
