using System.Net.Http.Json;
using System.Text.Json;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;

namespace LlmEval.Bench.Runs;

/// <summary>Fills the product with a month of traces, the way apps do: through the batch webhook, roughly in the order of time.</summary>
internal sealed class ScaleFill(ServerProcess server, HttpClient http, DateTime begin, int days)
{
    public const int RareTraces = 20;

    public async Task<LoadResult> TracesAsync(long count, int? postmaster, CancellationToken cancel)
    {
        TimeSpan step = TimeSpan.FromDays(days) / count;
        long rareEvery = count / RareTraces;
        using var load = new LoadGenerator(new LoadPlan
        {
            Ports = [server.Port],
            Bodies = new TraceBodies(16_384),
            Connections = 8,
            BatchSize = 100,
            Traces = count,
            TimeOf = trace => begin + (trace * step),
            SpecialWordOf = trace => trace % rareEvery == rareEvery / 2 ? TraceBodies.RareWord : trace < count / 100 ? TraceBodies.OldWord : null,
            Meter = new CpuMeter([server.ProcessId], postmaster),
        });
        return (await load.RunAsync(cancel)).Flawless("fill");
    }

    /// <summary>Gives verdicts to traces from all over the month: 60 % accepted, 30 % rejected, 10 % set aside.</summary>
    public async Task JudgeAsync(int count, CancellationToken cancel)
    {
        const string yes = "accepted";
        const string no = "rejected";
        string[] statuses = [yes, yes, no, yes, yes, no, yes, no, yes, "in_review"];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancel };
        const int page = 1_000;
        for (int done = 0; done < count; done += page)
        {
            DateTime to = begin + (TimeSpan.FromDays(days) * ((done + page) / (double)count));
            using JsonDocument list = JsonDocument.Parse(await http.GetStringAsync(
                new Uri($"/api/traces?limit={Math.Min(page, count - done)}&to={to:yyyy-MM-dd'T'HH:mm:ss'Z'}", UriKind.Relative), cancel));
            string[] ids = [.. list.RootElement.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("trace_id").GetString()!)];
            await Parallel.ForEachAsync(Enumerable.Range(0, ids.Length), parallel, async (i, stop) =>
            {
                using HttpResponseMessage answer = await http.PostAsJsonAsync(
                    new Uri("/api/evaluations", UriKind.Relative), new { trace_id = ids[i], status = statuses[i % statuses.Length] }, stop);
                BenchFailure.Unless(
                    answer.IsSuccessStatusCode,
                    $"a verdict was answered with {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(stop)}");
            });
        }
    }
}
