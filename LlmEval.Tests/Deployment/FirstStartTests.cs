using LlmEval.Tests.Support;

namespace LlmEval.Tests.Deployment;

public class FirstStartTests
{
    [Fact]
    public async Task OfReplicasThatStartAtOnceOneMakesTheTablesAndAllServe()
    {
        await using TestDatabase database = await TestDatabase.CreateBareAsync(DatabaseKind.Postgres);

        TestServer[] replicas = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => TestServer.StartAsync(database)));
        try
        {
            foreach (TestServer replica in replicas)
            {
                await replica.StoreAsync($"from-{replica.Url.Port}");
            }

            foreach (TestServer replica in replicas)
            {
                Assert.Equal(3, (await replica.GetAsync("/api/traces")).GetProperty("items").GetArrayLength());
            }
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
