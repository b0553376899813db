namespace LlmEval.Web.Live;

/// <summary>
/// Cancelled when a component ends. Its token may be asked for afterwards too: a component that ends while it opens goes on where it
/// awaited, and a disposed <see cref="CancellationTokenSource"/> would throw at it, which breaks the page that is open by then.
/// </summary>
public sealed class Closing : IDisposable
{
    private readonly CancellationTokenSource _source = new();

    public Closing() => Token = _source.Token;

    public CancellationToken Token { get; }

    public bool IsCancellationRequested => Token.IsCancellationRequested;

    public Task CancelAsync() => _source.CancelAsync();

    public void Dispose()
    {
        // A disposed source throws at whoever cancels it once more.
        if (!IsCancellationRequested)
        {
            _source.Cancel();
        }

        _source.Dispose();
    }
}
