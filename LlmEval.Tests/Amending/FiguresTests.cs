using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Rollups;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Amending;

/// <summary>Whatever is done to traces, the figures equal a recount.</summary>
public class FiguresTests
{
    private static readonly string[] Models = ["m1", "m2", "m3"];

    [Theory]
    [EveryDatabase(1)]
    [EveryDatabase(2)]
    public async Task FiguresEqualARecountAfterAnySequenceOfChanges(DatabaseKind kind, int seed)
    {
        var random = new Random(seed);
        await using TestCore core = await StoredTraces.StartAsync(kind);
        int stored = 0;
        for (int step = 0; step < 150; step++)
        {
            string id = $"t-{random.Next(Math.Max(1, stored))}";
            switch (random.Next(10))
            {
                case 0 or 1 or 2 when stored < 40:
                    await core.StoreAsync(SomeTrace.New(
                        ("trace_id", $"\"t-{stored++}\""), ("model_name", Model(random)), ("cost", Cost(random)), ("prompt_tokens", $"{random.Next(100)}"),
                        ("response_time_ms", Milliseconds(random)), ("timestamp", Timestamp(random)), ("error", random.Next(3) == 0 ? "\"boom\"" : null)));
                    break;
                case 3:
                    await core.DeleteAsync(id);
                    break;
                case 4 or 5 or 6:
                    await core.AmendAsync(id, Patch(random));
                    break;
                default:
                    await core.JudgeAsync(new Verdict(id, (EvaluationStatus)random.Next(4)));
                    break;
            }
        }

        List<Trace> traces = await core.AllAsync();
        Assert.NotEmpty(traces);
        await AssertFiguresAsync(core, traces, RollupGrain.Quarter);
        await AssertFiguresAsync(core, traces, RollupGrain.Hour);
        await core.Get<RollupFolder>().FoldAsync(TestContext.Current.CancellationToken);
        await AssertFiguresAsync(core, traces, RollupGrain.Quarter);
        await AssertFiguresAsync(core, traces, RollupGrain.Total);
    }

    private static async Task AssertFiguresAsync(TestCore core, List<Trace> traces, RollupGrain grain)
    {
        IReadOnlyList<RollupPoint> points = await core.Get<RollupQueries>().SeriesAsync(
            Projects.Default, grain, DateTime.UnixEpoch, DateTime.MaxValue, model: null, TestContext.Current.CancellationToken);
        Dictionary<(DateTime, string), RollupPoint> kept = points
            .Where(p => p.Figures.Traces != 0 || p.Figures.Cost != 0 || p.Figures.ResponseTimes != 0 || p.Figures.Histogram.Length != 0)
            .ToDictionary(p => (p.Bucket, p.ModelName));
        var counted = traces.GroupBy(t => (grain.Floor(t.Timestamp), t.ModelName)).ToDictionary(g => g.Key, g => g.ToList());

        Assert.Equal(counted.Keys.Order(), kept.Keys.Order());
        foreach ((var key, List<Trace> group) in counted)
        {
            Figures figures = kept[key].Figures;
            var histogram = new Histogram();
            group.ForEach(t => histogram.Add(t.ResponseTimeMs!.Value, 1));
            Assert.Equal(
                (Count(EvaluationStatus.Pending), Count(EvaluationStatus.InReview), Count(EvaluationStatus.Accepted), Count(EvaluationStatus.Rejected)),
                (figures.Pending, figures.InReview, figures.Accepted, figures.Rejected));
            Assert.Equal(
                (group.Count(t => t.HasError), group.Sum(t => t.TokensUsed ?? 0), group.Sum(t => t.PromptTokens ?? 0), group.Sum(t => t.Cost ?? 0)),
                (figures.Errors, figures.TokensUsed, figures.PromptTokens, figures.Cost));
            Assert.Equal((group.Count, group.Sum(t => (decimal)t.ResponseTimeMs!.Value)), (figures.ResponseTimes, figures.ResponseTimeMs));
            Assert.Equal(histogram.Pack(), figures.Histogram);

            long Count(EvaluationStatus status) => group.Count(t => t.Status == status);
        }
    }

    private static string Patch(Random random) => random.Next(6) switch
    {
        0 => $$"""{"model_name":{{Model(random)}}}""",
        1 => $$"""{"error":{"code":1},"cost":{{Cost(random)}} }""",
        2 => $$"""{"timestamp":{{Timestamp(random)}}}""",
        3 => $$"""{"response_time_ms":{{Milliseconds(random)}},"cost":null}""",
        4 => """{"prompt_tokens":7,"completion_tokens":8,"error":null}""",
        _ => $$"""{"model_name":{{Model(random)}},"timestamp":{{Timestamp(random)}}}""",
    };

    private static string Model(Random random) => $"\"{Models[random.Next(3)]}\"";

    private static string Cost(Random random) => $"0.{random.Next(1, 1_000_000):000000}";

    private static string Milliseconds(Random random) => $"{random.Next(1, 4_000)}.5";

    private static string Timestamp(Random random) => $"\"2026-05-03T0{random.Next(3)}:{random.Next(60):00}:00Z\"";
}
