using LlmEval.Core.Primitives;
using LlmEval.Core.Rollups;

namespace LlmEval.Core.Metrics;

/// <summary>Reads the figures of <c>/webhook/stats</c> from the rollups, in two short queries however many traces there are.</summary>
public sealed class StatsQueries(RollupQueries rollups, TimeProvider time)
{
    public async Task<Stats> ReadAsync(int projectId, CancellationToken cancel)
    {
        DateTime now = time.UtcNow();
        DateTime today = now.Date;
        Figures total = await rollups.TotalAsync(projectId, cancel);
        Figures day = await rollups.SumAsync(projectId, RollupGrain.Hour, today, today.AddDays(1), cancel);
        return new Stats(total, day.Traces, now);
    }
}
