using System.Diagnostics;
using LlmEval.Bench.Load;
using LlmEval.Core.Rollups;
using LlmEval.Core.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Bench.Runs;

/// <summary>The read behind charts. No endpoint shows it by itself, so it is called in this process, with the server stopped.</summary>
internal static class SeriesQueries
{
    /// <summary>So many calls until the compiler has done its last with what they run.</summary>
    private const int WarmUp = 150;

    /// <returns>The times for all models together, and for each by itself.</returns>
    public static async Task<(Latencies Together, Latencies ByModel)> TimeAsync(
        string? databaseUrl, string dataFolder, DateTime begin, int days, int repeats, CancellationToken cancel)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("DATABASE_URL", databaseUrl), new("LlmEval:DataFolder", dataFolder)])
            .Build();
        await using ServiceProvider services = new ServiceCollection()
            .AddLogging()
            .AddStorage(configuration)
            .AddSingleton<RollupQueries>()
            .BuildServiceProvider();
        RollupQueries queries = services.GetRequiredService<RollupQueries>();
        return (await TimeAsync(RollupRow.AllModels), await TimeAsync(model: null));

        async Task<Latencies> TimeAsync(string? model)
        {
            var times = new Latencies();
            for (int i = 0; i < WarmUp + repeats; i++)
            {
                long began = Stopwatch.GetTimestamp();
                IReadOnlyList<RollupPoint> points = await queries.SeriesAsync(1, RollupGrain.Hour, begin, begin.AddDays(days + 1), model, cancel);
                BenchFailure.Unless(points.Count > days, $"the series of {days} days has only {points.Count} points");
                if (i >= WarmUp)
                {
                    times.Add(Stopwatch.GetTimestamp() - began);
                }
            }

            return times;
        }
    }
}
