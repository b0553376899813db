using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Access;

/// <summary>Keeps the web server's keys. Whoever reads them waits: the framework asks for them that way, a few times a day.</summary>
public sealed class ProtectionKeys(IDbContextFactory<LlmEvalDb> databases, IWriteTurn turn, IMigrationLock replicas, StorageReadiness readiness, TimeProvider time)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Runs the first use of the keys as soon as there are tables, on one replica after the other: two that each made a first key would
    /// not know the other's for a while.
    /// </summary>
    public async Task UseFirstAsync(Action use, CancellationToken cancel)
    {
        await readiness.WaitAsync(cancel);
        while (true)
        {
            try
            {
                await using IAsyncDisposable turn = await replicas.TakeAsync(cancel);
                await Task.Run(use, cancel);
                return;
            }
            catch (Exception e) when (Outage.Is(e))
            {
                await Task.Delay(RetryAfter, time, cancel);
            }
        }
    }

    /// <exception cref="StorageNotReadyException"/>
    public IReadOnlyList<string> List()
    {
        readiness.ThrowIfNotReady();
        using LlmEvalDb db = databases.CreateDbContext();
        return [.. db.Set<ProtectionKey>().OrderBy(k => k.Id).Select(k => k.Xml)];
    }

    /// <exception cref="StorageNotReadyException"/>
    public void Add(string name, string xml)
    {
        readiness.ThrowIfNotReady();

        // The framework asks in the middle of a page's rendering and cannot wait: on the page's own context, the turn would be given to
        // a continuation that never runs, and no one could write any more.
        Task.Run(() => AddAsync(name, xml)).GetAwaiter().GetResult();
    }

    private async Task AddAsync(string name, string xml)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync();
        using IDisposable? writing = await turn.TakeAsync(CancellationToken.None);
        db.Add(new ProtectionKey { Name = name, Xml = xml });
        await db.SaveChangesAsync();
    }
}
