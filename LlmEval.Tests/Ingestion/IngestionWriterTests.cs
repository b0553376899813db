using LlmEval.Core.Events;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Writing;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Ingestion;

public class IngestionWriterTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(SomeTrace.Now));
    private readonly StandingStore _store = new();

    [Fact]
    public async Task WhoWaitedWhileTheDatabaseStoodStillDoesNotWaitForItAgain()
    {
        await using TestCore core = await TestCore.StartAsync(DatabaseKind.Sqlite, (services, configuration) =>
        {
            services.AddSingleton<TimeProvider>(_time);
            services.AddEvents(configuration).AddWriting(configuration).AddIngestion(configuration);
            services.AddSingleton<ITraceStore>(_store);
        });
        ValueTask<IngestReceipt> first = SubmitAsync(core, "first");
        await _store.Standing;
        ValueTask<IngestReceipt> patient = SubmitAsync(core, "waited long");
        _time.Advance(TimeSpan.FromSeconds(2));
        ValueTask<IngestReceipt> just = SubmitAsync(core, "just came");

        _store.GiveUp();

        Assert.Equal(IngestFailure.Unavailable, (await first).Failure);
        Assert.Equal(IngestFailure.Unavailable, (await patient).Failure);
        Assert.Equal(IngestFailure.None, (await just).Failure);
        Assert.Equal(["just came"], _store.Stored);
    }

    private static ValueTask<IngestReceipt> SubmitAsync(TestCore core, string id) =>
        core.Get<IngestionQueue>().SubmitAsync([SomeTrace.New(("trace_id", $"\"{id}\""))], TestContext.Current.CancellationToken);

    /// <summary>Stands still at the first batch until the writer would have given it up; takes those that follow.</summary>
    private sealed class StandingStore : ITraceStore
    {
        private readonly TaskCompletionSource _standing = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _givenUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Standing => _standing.Task;

        public List<string> Stored { get; } = [];

        public void GiveUp() => _givenUp.SetException(new TimeoutException("The database does not answer."));

        public async Task<long> InsertAsync(IReadOnlyList<PreparedTrace> traces, IReadOnlyList<AnsweredMessage> messages, CancellationToken cancel)
        {
            if (_standing.TrySetResult())
            {
                await _givenUp.Task;
            }

            Stored.AddRange(traces.Select(trace => trace.Key.TraceId));
            return 1;
        }

        public Task<byte[]?[]> FindMessagesAsync(IReadOnlyList<SignedMessage> messages, CancellationToken cancel) => throw new NotSupportedException();

        public Task InsertMessagesAsync(IReadOnlyList<AnsweredMessage> messages, CancellationToken cancel) => throw new NotSupportedException();

        public Task<Dictionary<TraceKey, byte[]>> FindHashesAsync(IReadOnlyList<TraceKey> keys, CancellationToken cancel) => throw new NotSupportedException();

        public Task<long?> ApplyAsync(TraceChange change, CancellationToken cancel) => throw new NotSupportedException();
    }
}
