using LlmEval.Tests.Support;

namespace LlmEval.Tests.Streaming;

public class ReplicaTests
{
    [Fact]
    public async Task AReaderMayChangeReplicasAndSeesEachEventOnce()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using TestServer one = await TestServer.StartAsync(database);
        await using TestServer other = await TestServer.StartAsync(database);
        TestServer[] replicas = [one, other];
        const int Count = 60;
        Task writing = WriteAsync();

        long last = 0;
        for (int turn = 0; last < Count; turn++)
        {
            await using TestStream stream = await replicas[turn % 2].OpenStreamAsync("/stream/events", last);
            await stream.NextAsync("connected");
            for (int i = 0; i < 7 && last < Count; i++)
            {
                StreamFrame frame = await stream.NextAsync();
                Assert.Equal(("trace_updates", last + 1), (frame.Name, frame.Id));
                last++;
            }
        }

        await writing;

        async Task WriteAsync()
        {
            for (int i = 0; i < Count; i++)
            {
                await replicas[i % 2].StoreAsync($"t-{i}");
            }
        }
    }

    [Fact]
    public async Task ReplicasThatStartTogetherMakeTheTablesOnce()
    {
        await using TestDatabase database = await TestDatabase.CreateBareAsync(DatabaseKind.Postgres);
        Task<TestServer>[] starting = [.. Enumerable.Range(0, 3).Select(_ => TestServer.StartAsync(database))];
        TestServer[] replicas = await Task.WhenAll(starting);
        try
        {
            await replicas[0].StoreAsync("t");
            Assert.Equal(1, (await replicas[2].StatsAsync()).GetProperty("total_traces").GetInt64());
        }
        finally
        {
            foreach (TestServer replica in replicas)
            {
                await replica.DisposeAsync();
            }
        }
    }
}
