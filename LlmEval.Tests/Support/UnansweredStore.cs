using LlmEval.Core.Storage;
using LlmEval.Core.Writing;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Support;

/// <summary>The product's store behind a connection that breaks when a change was stored, before the database could say so.</summary>
internal sealed class UnansweredStore(ITraceStore store) : ITraceStore
{
    /// <summary>In the place of the product's own.</summary>
    public static void Replace(IServiceCollection services)
    {
        Type real = services.Last(s => s.ServiceType == typeof(ITraceStore)).ImplementationType!;
        services.AddSingleton<ITraceStore>(provider => new UnansweredStore((ITraceStore)ActivatorUtilities.CreateInstance(provider, real)));
    }

    public async Task<long?> ApplyAsync(TraceChange change, CancellationToken cancel)
    {
        await store.ApplyAsync(change, cancel);
        throw new OutcomeUnknownException(new TimeoutException());
    }

    public Task<long> InsertAsync(IReadOnlyList<PreparedTrace> traces, IReadOnlyList<AnsweredMessage> messages, CancellationToken cancel) =>
        store.InsertAsync(traces, messages, cancel);

    public Task<byte[]?[]> FindMessagesAsync(IReadOnlyList<SignedMessage> messages, CancellationToken cancel) => store.FindMessagesAsync(messages, cancel);

    public Task InsertMessagesAsync(IReadOnlyList<AnsweredMessage> messages, CancellationToken cancel) => store.InsertMessagesAsync(messages, cancel);

    public Task<Dictionary<TraceKey, byte[]>> FindHashesAsync(IReadOnlyList<TraceKey> keys, CancellationToken cancel) => store.FindHashesAsync(keys, cancel);
}
