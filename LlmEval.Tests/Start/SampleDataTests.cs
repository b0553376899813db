using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Rollups;
using LlmEval.Tests.Support;
using LlmEval.Web.Start;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Start;

public class SampleDataTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task SamplesComeMarkedAndGoOutOfTheFiguresAgain(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await server.StoreAsync("own");
        await server.StoreAsync("sample-01");
        var samples = ActivatorUtilities.CreateInstance<SampleData>(server.Services, SomeTrace.Project);

        Assert.True(await samples.LoadAsync(Cancel));
        int stored = SampleTraces.Ids.Count - 1;
        Assert.Equal(stored, await samples.CountAsync(Cancel));
        Assert.Equal(stored + 2, (await server.StatsAsync()).GetProperty("total_traces").GetInt32());
        JsonElement trace = await server.GetAsync("/api/traces/sample-02");
        Assert.Equal(("sample", "sample"), (trace.GetProperty("environment").GetString(), trace.GetProperty("tags")[0].GetString()));
        Assert.NotEmpty(await VerdictsAsync(server));

        await samples.RemoveAsync(new Actor("Tester"), Cancel);
        Assert.Equal(0, await samples.CountAsync(Cancel));
        Assert.Equal(2, (await server.StatsAsync()).GetProperty("total_traces").GetInt32());
        Assert.Empty(await VerdictsAsync(server));
        Figures total = await server.Services.GetRequiredService<RollupQueries>().TotalAsync(Projects.Default, Cancel);
        Assert.Equal((0, 0, 0), (total.Accepted, total.Rejected, total.Cost));

        // And again, when they are wanted once more.
        Assert.True(await samples.LoadAsync(Cancel));
        Assert.Equal(stored, await samples.CountAsync(Cancel));
    }

    [Fact]
    public void SamplesHaveSomethingForEveryFigure()
    {
        var traces = SampleTraces.Make(SomeTrace.Now)
            .Select(body => TraceParser.ParseTrace(body, SomeTrace.Context(restore: true)))
            .ToList();

        Assert.All(traces, t => Assert.Empty(t.Faults));
        Assert.Equal(SampleTraces.Ids, traces.Select(t => t.TraceId));
        Assert.True(traces.Select(t => t.Value!.Trace.ModelName).Distinct().Count() > 1);
        Assert.Equal(3, traces.Select(t => t.Value!.Trace.Status).Distinct().Count());
        Assert.Contains(traces, t => t.Value!.Trace.HasError);
        Assert.All(traces, t => Assert.True(t.Value!.Trace.Timestamp <= SomeTrace.Now));
    }

    private static Task<IReadOnlyList<VerdictPoint>> VerdictsAsync(TestServer server) => server.Services.GetRequiredService<VerdictQueries>()
        .SeriesAsync(Projects.Default, DateTime.UnixEpoch, SomeTrace.Now.AddYears(5), Cancel);
}
