using LlmEval.Core.Storage;

namespace LlmEval.Core.Access;

/// <summary>Writes down once a minute what was used, and what could not be written the next time.</summary>
internal abstract class LastUseLoop(LastUses lastUses, StorageReadiness readiness, TimeProvider time)
    : PeriodicLoop(TimeSpan.FromMinutes(1), readiness, time)
{
    protected abstract Task WriteAsync(IReadOnlyDictionary<int, DateTime> uses, CancellationToken cancel);

    protected abstract void Failed(Exception e);

    protected override async Task TickAsync(CancellationToken cancel)
    {
        IReadOnlyDictionary<int, DateTime> taken = lastUses.Take();
        try
        {
            await WriteAsync(taken, cancel);
        }
        catch
        {
            lastUses.PutBack(taken);
            throw;
        }
    }

    protected override void Failed(Exception? e, string reason)
    {
        // An outage takes a minute of what nobody waits for; others tell of it.
        if (e is not null)
        {
            Failed(e);
        }
    }
}
