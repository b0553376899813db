using LlmEval.Core.Events;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Search;

/// <summary>Keeps the log from being trimmed past what the index has yet to take in.</summary>
internal sealed class SearchPosition(IDbContextFactory<LlmEvalDb> databases) : IEventConsumer
{
    public async Task<long> ReadPositionAsync(CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<Projection>().Where(p => p.Name == Projection.Search).Select(p => p.Position).SingleAsync(cancel);
    }
}
