namespace LlmEval.Core.Storage;

/// <summary>Closes the connections that nobody uses now: the network may have forgotten them, and each would be found dead only after a while.</summary>
public delegate void CloseIdleConnections();

/// <param name="Reason">Without details that an outsider should not see.</param>
/// <param name="IsAway">It does not answer; else it is only not ready yet.</param>
public sealed record StorageFault(string Reason, bool IsAway);

/// <summary>Asks the database for nothing, on a connection that no reader has to give back first.</summary>
public delegate Task AskDatabase(CancellationToken cancel);

/// <summary>Whether the database answers now. However many ask at once, they share one look: it needs no credentials.</summary>
public sealed class StorageHealth(AskDatabase ask, StorageReadiness readiness, TimeProvider time, CloseIdleConnections closeIdle)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Task<StorageFault?>? _look;

    /// <returns>Null when all is well.</returns>
    public Task<StorageFault?> FindFaultAsync(CancellationToken cancel)
    {
        lock (_lock)
        {
            _look = _look is { IsCompleted: false } running ? running : Task.Run(LookAsync, CancellationToken.None);
            return _look.WaitAsync(cancel);
        }
    }

    private async Task<StorageFault?> LookAsync()
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            // A server that stands still does not answer a cancellation either: the question is left behind.
            await ask(patience.Token).WaitAsync(patience.Token);
            return readiness.IsReady ? null : new StorageFault("The database answers; its tables are being brought up to date.", IsAway: false);
        }
        catch (Exception e) when (Outage.Is(e) || e is OperationCanceledException)
        {
            closeIdle();
            return new StorageFault("The database does not answer.", IsAway: true);
        }
    }
}
