using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Access;

/// <summary>Keeps the web server's keys. Whoever reads them waits: the framework asks for them that way, a few times a day.</summary>
public sealed class ProtectionKeys(IDbContextFactory<LlmEvalDb> databases, IWriteTurn turn, StorageReadiness readiness)
{
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
        using LlmEvalDb db = databases.CreateDbContext();
        using IDisposable? writing = turn.TakeAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        db.Add(new ProtectionKey { Name = name, Xml = xml });
        db.SaveChanges();
    }
}
