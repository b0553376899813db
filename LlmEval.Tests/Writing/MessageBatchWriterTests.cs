using LlmEval.Core.Events;
using LlmEval.Core.Storage;
using LlmEval.Core.Writing;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Writing;

public class MessageBatchWriterTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task AMessageIsStoredWithItsTracesOrNotAtAll(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        ITraceStore store = core.Get<ITraceStore>();
        SignedMessage message = Message("m");
        await store.InsertAsync([SomePrepared.Trace("a")], [new AnsweredMessage(message, [0])], Cancel);

        // The message is there: nothing of this is stored. The trace is there: nor is this.
        await Assert.ThrowsAsync<TraceExistsException>(
            () => store.InsertAsync([SomePrepared.Trace("b")], [new AnsweredMessage(message, [0])], Cancel));
        await Assert.ThrowsAsync<TraceExistsException>(
            () => store.InsertAsync([SomePrepared.Trace("a")], [new AnsweredMessage(Message("n"), [0])], Cancel));

        Assert.Equal([[0], null], await store.FindMessagesAsync([message, Message("n")], Cancel));
        Assert.Equal(1, await CountTracesAsync(core));
    }

    [Theory, EveryDatabase]
    public async Task ABatchOfNewAndKnownMessagesAndUnsignedTracesIsAnsweredForEach(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        MessageBatchWriter writer = Writer(core);
        PreparedTrace[] first = SomePrepared.Traces("first", 2);
        Assert.Equal([WriteOutcome.Stored, WriteOutcome.Stored], await WriteAsync(writer, first, [new MessageTraces(Message("1"), 0, 2)]));

        // As a batch gathers: an unsigned trace, a message again, a new one of which one trace is there with other content.
        PreparedTrace conflicting = SomePrepared.Trace("first-0", ("model_name", "\"another\""));
        PreparedTrace[] second = [SomePrepared.Trace("plain"), .. first, SomePrepared.Trace("new"), conflicting];
        WriteOutcome[] expected = [WriteOutcome.Stored, WriteOutcome.SameStored, WriteOutcome.SameStored, WriteOutcome.Stored, WriteOutcome.OtherStored];
        Assert.Equal(expected, await WriteAsync(writer, second, [new MessageTraces(Message("1"), 1, 2), new MessageTraces(Message("2"), 3, 2)]));
        Assert.Equal(4, await CountTracesAsync(core));

        // Gone in the meantime, they do not come back by either message.
        await DeleteTracesAsync(core);
        MessageBatchWriter restarted = Writer(core);
        expected[3] = WriteOutcome.SameStored;
        Assert.Equal(expected, await WriteAsync(restarted, second, [new MessageTraces(Message("1"), 1, 2), new MessageTraces(Message("2"), 3, 2)]));
        Assert.Equal(1, await CountTracesAsync(core));
    }

    [Theory, EveryDatabase]
    public async Task TheSameMessageTwiceInABatchIsStoredOnce(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        PreparedTrace trace = SomePrepared.Trace("a");

        Assert.Equal(
            [WriteOutcome.Stored, WriteOutcome.SameStored],
            await WriteAsync(Writer(core), [trace, trace], [new MessageTraces(Message("1"), 0, 1), new MessageTraces(Message("1"), 1, 1)]));
        Assert.Equal(1, await CountTracesAsync(core));
    }

    [Theory, EveryDatabase]
    public async Task ManyReplicasThatAreSentTheSameMessagesStoreThemOnce(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        PreparedTrace[] traces = SomePrepared.Traces("t", 20);
        MessageTraces[] messages = [.. traces.Select((t, i) => new MessageTraces(Message(t.Trace.TraceId), i, 1))];

        WriteOutcome[][] outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => WriteAsync(Writer(core), traces, messages)));

        Assert.All(Enumerable.Range(0, 20), i => Assert.Single(outcomes, o => o[i] == WriteOutcome.Stored));
        Assert.Equal(20, await CountTracesAsync(core));
    }

    [Theory, EveryDatabase]
    public async Task MessagesAreForgottenAfterAnHourAndNotBefore(DatabaseKind kind)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using TestCore core = await TestCore.StartAsync(
            kind, (services, configuration) => services.AddSingleton<TimeProvider>(time).AddEvents(configuration).AddWriting(configuration));
        ITraceStore store = core.Get<ITraceStore>();
        await store.InsertMessagesAsync([new AnsweredMessage(Message("old"), [0])], Cancel);
        time.Advance(TimeSpan.FromMinutes(59));
        await store.InsertMessagesAsync([new AnsweredMessage(Message("young"), [0])], Cancel);
        MessageSweepLoop loop = core.Services.GetServices<IHostedService>().OfType<MessageSweepLoop>().Single();

        await loop.SweepAsync(Cancel);
        Assert.DoesNotContain(null, await store.FindMessagesAsync([Message("old"), Message("young")], Cancel));
        time.Advance(TimeSpan.FromMinutes(2));
        await Eventually.TrueAsync(async () =>
        {
            // Unless the loop itself is just at it.
            await loop.SweepAsync(Cancel);
            return (await store.FindMessagesAsync([Message("old")], Cancel))[0] is null;
        });
        Assert.Equal([[0]], await store.FindMessagesAsync([Message("young")], Cancel));
    }

    [Fact]
    public void AMessageIsItsProjectItsIdAndItsBytes()
    {
        byte[] digest = SignedMessage.Of(1, "id", "body"u8).Digest;

        Assert.Equal(digest, SignedMessage.Of(1, "id", "body"u8).Digest);
        Assert.NotEqual(digest, SignedMessage.Of(1, "id2", "body"u8).Digest);
        Assert.NotEqual(digest, SignedMessage.Of(1, "id", "body2"u8).Digest);
    }

    private static Task<TestCore> StartAsync(DatabaseKind kind) =>
        TestCore.StartAsync(kind, (services, configuration) => services.AddEvents(configuration).AddWriting(configuration));

    private static MessageBatchWriter Writer(TestCore core) => new(core.Get<ITraceStore>(), new TraceBatchWriter(core.Get<ITraceStore>()));

    private static SignedMessage Message(string id) => SignedMessage.Of(1, id, "body"u8);

    private static async Task<WriteOutcome[]> WriteAsync(MessageBatchWriter writer, PreparedTrace[] traces, MessageTraces[] messages)
    {
        var results = new WriteResult[traces.Length];
        await writer.WriteAsync(traces, messages, results, [], Cancel);
        return Array.ConvertAll(results, r => r.Outcome);
    }

    private static async Task<int> CountTracesAsync(TestCore core)
    {
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
        return await db.Set<LlmEval.Core.Traces.Trace>().CountAsync(Cancel);
    }

    private static async Task DeleteTracesAsync(TestCore core)
    {
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
        await db.Set<LlmEval.Core.Traces.Trace>().ExecuteDeleteAsync(Cancel);
    }
}
