namespace LlmEval.Web.People;

/// <summary>
/// Lets few passwords be looked at at once: each takes a core for a tenth of a second, and whoever guesses must not take them all. One
/// turn is for those who are known, whom many guessers would else keep out.
/// </summary>
internal sealed class HashTurns(int atOnce, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _anybodys = new(atOnce);
    private readonly SemaphoreSlim _ofTheKnown = new(1);

    /// <param name="isKnown">The browser, or the address, is one from which the person has signed in.</param>
    /// <returns>To be disposed when it was looked at; null when there was no turn for a while.</returns>
    public async Task<IDisposable?> TakeAsync(bool isKnown, CancellationToken cancel)
    {
        if (_anybodys.Wait(0, cancel))
        {
            return new Turn(_anybodys);
        }

        SemaphoreSlim turns = isKnown ? _ofTheKnown : _anybodys;
        using var patience = new CancellationTokenSource(Patience, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        try
        {
            await turns.WaitAsync(limit.Token);
            return new Turn(turns);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _anybodys.Dispose();
        _ofTheKnown.Dispose();
    }

    private sealed class Turn(SemaphoreSlim turns) : IDisposable
    {
        public void Dispose() => turns.Release();
    }
}
