using System.Net;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Ingestion;

/// <summary>Senders that do not know what became of their request send it again, many at once, to whatever replica.</summary>
public class DuplicateStormTests
{
    private const int AtOnce = 50;

    [Theory]
    [EveryDatabase]
    public async Task TheSameBatchManyTimesAtOnceIsStoredAndAnnouncedOnce(DatabaseKind kind)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        await using TestServer first = await TestServer.StartAsync(database);
        await using TestServer? second = kind == DatabaseKind.Postgres ? await TestServer.StartAsync(database) : null;
        object[] traces = [.. Enumerable.Range(0, 20).Select(i => Trace($"t-{i}", "the same"))];

        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(i => Turn(i, first, second).PostBatchAsync(traces)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        await AssertStoredAsync(first, 20);
    }

    [Theory]
    [EveryDatabase]
    public async Task OfManyVersionsOfOneTraceAtOnceOneIsStoredAndTheOthersAreTold(DatabaseKind kind)
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(kind);
        await using TestServer first = await TestServer.StartAsync(database);
        await using TestServer? second = kind == DatabaseKind.Postgres ? await TestServer.StartAsync(database) : null;

        HttpResponseMessage[] answers = await Task.WhenAll(
            Enumerable.Range(0, AtOnce).Select(i => Turn(i, first, second).PostTraceAsync(Trace("t", $"version {i}"))));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Equal(AtOnce - 1, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
        await AssertStoredAsync(first, 1);
    }

    private static async Task AssertStoredAsync(TestServer server, int count)
    {
        Assert.Equal(count, (await server.GetAsync("/api/traces?limit=1000")).GetProperty("items").GetArrayLength());
        Assert.Equal(count, (await server.StatsAsync()).GetProperty("total_traces").GetInt32());

        // An event after the storm has the number that follows theirs.
        await server.StoreAsync("after");
        await using TestStream stream = await TestStream.OpenAsync(server.Http, "/stream/events", count);
        Assert.Equal(count + 1, (await stream.NextAsync("trace_updates")).Id);
    }

    private static TestServer Turn(int number, TestServer first, TestServer? second) => number % 2 == 1 && second is not null ? second : first;

    private static object Trace(string id, string answer) => new { trace_id = id, model_name = "m", user_query = "q", ai_response = answer };
}
