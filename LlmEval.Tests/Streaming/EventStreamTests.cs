using System.Net;
using LlmEval.Core.Events;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LlmEval.Tests.Streaming;

public class EventStreamTests
{
    [Theory, EveryDatabase]
    public async Task AStreamSaysThatItIsConnectedAndThenWhatHappens(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await server.StoreAsync("before");
        await using TestStream stream = await server.OpenStreamAsync("/stream/events?client_id=me");

        Assert.Equal("text/event-stream", stream.Answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("no", stream.Answer.Headers.GetValues("X-Accel-Buffering").Single());
        Assert.True(stream.Answer.Headers.CacheControl!.NoStore);
        StreamFrame connected = await stream.NextAsync();
        Assert.Equal(("connected", 1L), (connected.Name, connected.Id));
        Assert.Equal("me", connected.Body.GetProperty("client_id").GetString());

        await server.StoreAsync("after");
        StreamFrame traceEvent = await stream.NextAsync();
        Assert.Equal(("trace_updates", 2L), (traceEvent.Name, traceEvent.Id));
        Assert.Equal("new_trace", traceEvent.Body.GetProperty("action").GetString());
        Assert.Equal("after", traceEvent.Body.GetProperty("trace_id").GetString());
        Assert.Equal("pending", traceEvent.Body.GetProperty("evaluation_status").GetString());
        Assert.Equal(1, traceEvent.Body.GetProperty("version").GetInt32());
    }

    [Theory, EveryDatabase]
    public async Task AClientThatNamesItsLastEventGetsWhatItMissedAndThenGoesLive(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        for (int i = 1; i <= 5; i++)
        {
            await server.StoreAsync($"t-{i}");
        }

        await using TestStream byHeader = await server.OpenStreamAsync("/stream/events", lastEventId: 2);
        await using TestStream byQuery = await server.OpenStreamAsync("/stream/events?last_event_id=2");
        await using TestStream again = await server.OpenStreamAsync("/stream/events?last_event_id=1&lastEventId=2");
        await server.StoreAsync("t-6");
        foreach (TestStream stream in new[] { byHeader, byQuery, again })
        {
            Assert.Equal(2, (await stream.NextAsync("connected")).Id);
            for (long id = 3; id <= 6; id++)
            {
                StreamFrame frame = await stream.NextAsync();
                Assert.Equal((id, $"t-{id}"), (frame.Id, frame.Body.GetProperty("trace_id").GetString()));
            }
        }
    }

    [Fact]
    public async Task AnEmptyHeaderDoesNotHideTheQuery()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.StoreAsync("t-1");
        await server.StoreAsync("t-2");
        server.Http.DefaultRequestHeaders.TryAddWithoutValidation("Last-Event-ID", "");

        await using TestStream stream = await server.OpenStreamAsync("/stream/events?last_event_id=1");

        Assert.Equal(1, (await stream.NextAsync("connected")).Id);
        Assert.Equal(2, (await stream.NextAsync()).Id);
    }

    [Theory]
    [EveryDatabase("99")]
    [EveryDatabase("abc")]
    [EveryDatabase("-1")]
    [EveryDatabase("99999999999999999999999")]
    public async Task AnIdThatCannotBeResumedIsAnsweredWithAReset(DatabaseKind kind, string lastEventId)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await server.StoreAsync("t-1");
        await using TestStream stream = await server.OpenStreamAsync($"/stream/events?last_event_id={lastEventId}");

        StreamFrame reset = await stream.NextAsync("stream_reset");
        Assert.Equal(1, reset.Id);
        Assert.Equal(1, reset.Body.GetProperty("continues_after").GetInt64());
        await server.StoreAsync("t-2");
        Assert.Equal(2, (await stream.NextAsync()).Id);
    }

    [Theory, EveryDatabase]
    public async Task WhatIsNoLongerKeptIsSaidAndTheRestFollows(DatabaseKind kind)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        await using (TestServer before = await TestServer.StartAsync(database))
        {
            for (int i = 1; i <= 4; i++)
            {
                await before.StoreAsync($"t-{i}");
            }

            await using LlmEvalDb db = await before.Services.GetRequiredService<IDbContextFactory<LlmEvalDb>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
            await db.Set<EventRow>().Where(e => e.Id <= 2).ExecuteDeleteAsync(TestContext.Current.CancellationToken);
        }

        // Memory has what the log has no more.
        await using TestServer server = await TestServer.StartAsync(database);
        await using TestStream stream = await server.OpenStreamAsync("/stream/events", lastEventId: 0);
        StreamFrame reset = await stream.NextAsync("stream_reset");
        Assert.Equal(3, reset.Body.GetProperty("oldest_id").GetInt64());
        Assert.Equal(3, (await stream.NextAsync()).Id);
        Assert.Equal(4, (await stream.NextAsync()).Id);
    }

    [Theory, EveryDatabase]
    public async Task AReaderThatIsOlderThanTheRingReadsOnFromTheLog(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        const int Beyond = EventHub.Capacity + 500;
        foreach (int[] chunk in Enumerable.Range(0, Beyond).Chunk(100))
        {
            using HttpResponseMessage answer = await server.PostBatchAsync(chunk.Select(i => new { trace_id = $"t-{i}", model_name = "m", user_query = "", ai_response = "" }));
            answer.EnsureSuccessStatusCode();
        }

        await using TestStream stream = await server.OpenStreamAsync("/stream/events", lastEventId: 0);
        await stream.NextAsync("connected");
        for (long id = 1; id <= Beyond; id++)
        {
            Assert.Equal(id, (await stream.NextAsync()).Id);
        }
    }

    [Theory, EveryDatabase]
    public async Task FiltersLetThroughWhatMatchesAndHeartbeatsMoveTheCursor(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, new Dictionary<string, string?> { ["LlmEval:Events:HeartbeatSeconds"] = "1" });
        await using TestStream stream = await server.OpenStreamAsync("/stream/events?model_name=a&model_name=b&evaluation_status=pending");
        await stream.NextAsync("connected");

        await server.StoreAsync("t-1", model: "c");
        await server.StoreAsync("t-2", model: "b");
        await server.StoreAsync("t-3", model: "d");

        Assert.Equal("t-2", (await stream.NextAsync()).Body.GetProperty("trace_id").GetString());
        StreamFrame? heartbeat;
        do
        {
            heartbeat = await stream.NextFrameAsync();
        }
        while (heartbeat!.Id != 3);
        Assert.Equal(("hb", null), (heartbeat.Comment, heartbeat.Data));
    }

    [Theory]
    [InlineData("/stream/events?evaluation_status=maybe")]
    [InlineData("/stream/traces?limit=-1")]
    [InlineData("/stream/traces?limit=1001")]
    [InlineData("/stream/traces?limit=ten")]
    [InlineData("/stream/metrics?interval=0")]
    [InlineData("/stream/metrics?interval=3601")]
    [InlineData("/stream/metrics?interval=1.5")]
    [InlineData("/stream/events?status=accepted")]
    [InlineData("/stream/events?limit=5")]
    [InlineData("/stream/metrics?model_name=a")]
    public async Task ABadParameterIsRefused(string path)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        using HttpResponseMessage answer = await server.Http.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Theory, EveryDatabase]
    public async Task TheTraceStreamBeginsWithTheNewestTraces(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        for (int i = 1; i <= 3; i++)
        {
            await server.StoreAsync($"t-{i}");
        }

        await using TestStream stream = await server.OpenStreamAsync("/stream/traces?limit=2");
        await stream.NextAsync("connected");
        StreamFrame initial = await stream.NextAsync("initial_traces");
        Assert.Equal(3, initial.Id);
        Assert.Equal(["t-3", "t-2"], initial.Body.EnumerateArray().Select(t => t.GetProperty("trace_id").GetString()));

        await server.StoreAsync("t-4");
        Assert.Equal("t-4", (await stream.NextAsync("trace_updates")).Body.GetProperty("summary").GetProperty("trace_id").GetString());
    }

    [Theory, EveryDatabase]
    public async Task TheMetricsStreamSendsFiguresAtOnceAndAgain(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await server.StoreAsync("t-1");
        await using TestStream stream = await server.OpenStreamAsync("/stream/metrics?interval=1");

        Assert.Equal(1, (await stream.NextAsync("metrics_update")).Body.GetProperty("total_traces").GetInt64());
        await server.StoreAsync("t-2");
        StreamFrame next = await stream.NextAsync("metrics_update");
        foreach (string name in (string[])["accepted_traces", "rejected_traces", "avg_response_time", "total_cost", "acceptance_rate"])
        {
            Assert.Equal(0, next.Body.GetProperty(name).GetDouble());
        }

        Assert.Equal(2, next.Body.GetProperty("total_traces").GetInt64());
        Assert.Equal(2, next.Body.GetProperty("pending_traces").GetInt64());
        Assert.Equal(2, next.Body.GetProperty("today_traces").GetInt64());
    }

    [Fact]
    public async Task TheMetricsStreamSaysWhenToComeBackAndItsHeartbeatsWhereItStands()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, new Dictionary<string, string?> { ["LlmEval:Events:HeartbeatSeconds"] = "1" });
        await server.StoreAsync("t-1");
        await using TestStream stream = await server.OpenStreamAsync("/stream/metrics?interval=3600");

        Assert.Equal(1_000, (await stream.NextFrameAsync())!.Retry);
        StreamFrame? heartbeat;
        do
        {
            heartbeat = await stream.NextFrameAsync();
        }
        while (heartbeat!.Comment is null);
        Assert.Equal(("hb", 1L), (heartbeat.Comment, heartbeat.Id));
    }

    [Fact]
    public async Task StreamsEndWhenTheServerStops()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        var hub = server.Services.GetRequiredService<EventHub>();
        int before = hub.Readers;
        await using TestStream events = await server.OpenStreamAsync("/stream/events");
        await using TestStream metrics = await server.OpenStreamAsync("/stream/metrics?interval=3600");
        await events.NextAsync("connected");
        await metrics.NextAsync("metrics_update");

        server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        Assert.Null(await events.NextFrameAsync());
        Assert.Null(await metrics.NextFrameAsync());
        Assert.InRange(hub.Readers, 0, before);
    }
}
