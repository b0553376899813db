using LlmEval.Core.Access;
using LlmEval.Core.Metrics;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Rollups;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Metrics;

public class OverviewQueriesTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Theory]
    [EveryDatabase(1)]
    [EveryDatabase(24)]
    [EveryDatabase(168)]
    public async Task AnOverviewEqualsARecount(DatabaseKind kind, int hours)
    {
        await using TestCore core = await StartAsync(kind);
        var random = new Random(hours);
        await core.StoreAsync([.. Enumerable.Range(0, 300).Select(i => SomeTrace.New(
            ("trace_id", $"\"t-{i}\""),
            ("model_name", $"\"m-{random.Next(3)}\""),
            ("cost", $"0.0{random.Next(1, 1_000)}"),
            ("tokens_used", $"{random.Next(500)}"),
            ("response_time_ms", $"{random.Next(1, 5_000)}"),
            ("timestamp", $"\"{SomeTrace.Now.AddMinutes(-random.NextDouble() * hours * 120):O}\"")))]);
        for (int i = 0; i < 60; i++)
        {
            await core.JudgeAsync(new Verdict($"t-{i}", (EvaluationStatus)random.Next(4)) { Evaluator = i % 3 == 0 ? "ann" : "ben" });
        }

        OverviewRange range = OverviewRange.Last(TimeSpan.FromHours(hours), SomeTrace.Now, Berlin);
        Overview overview = await core.Get<OverviewQueries>().ReadAsync(Projects.Default, range, TestContext.Current.CancellationToken);

        List<Trace> all = await core.AllAsync();
        Trace[] period = Within(range.From, range.To);
        Assert.Equal(300, overview.Ever.Traces);
        Assert.Equal(Text(period), Text(overview.Period));
        Assert.Equal(Text(Within(range.Before, range.From)), Text(overview.Before));
        Assert.Equal(Text(Within(range.Today, range.Today.AddDays(1))), Text(overview.Today));
        Assert.Equal(overview.Today.Traces, overview.TodayByHour.Sum(f => f.Traces));
        AssertCut(overview.Axis, overview.Steps, period);
        AssertCut(overview.BarAxis, overview.Bars, period);
        Assert.Equal(period.GroupBy(t => t.ModelName).OrderByDescending(g => g.Count()).Select(g => g.Count()), overview.Models.Select(m => (int)m.Period.Traces));
        Assert.All(overview.Models, m => AssertCut(overview.BarAxis, m.Bars, [.. period.Where(t => t.ModelName == m.ModelName)]));
        Assert.Equal(["ben", "ann"], overview.Reviewers.Select(r => r.Name));
        Assert.Equal(all.Count(t => t.Status is EvaluationStatus.Accepted), overview.Reviewers.Sum(r => r.Accepted));
        Assert.Equal(all.Count(t => t.Status is EvaluationStatus.Rejected), overview.Reviewers.Sum(r => r.Rejected));
        Assert.All(overview.Reviewers, r => Assert.Equal(r.Accepted + r.Rejected, r.Given[^1]));

        Trace[] Within(DateTime from, DateTime to) => [.. all.Where(t => t.Timestamp >= from && t.Timestamp < to)];
    }

    [Theory, EveryDatabase]
    public async Task WhereTracesAreFewTheCurveHasLongerSteps(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);
        await core.StoreAsync([.. Enumerable.Range(0, 24).Select(i => SomeTrace.New(
            ("trace_id", $"\"t-{i}\""), ("response_time_ms", "100"), ("timestamp", $"\"{SomeTrace.Now.AddHours(-i):O}\"")))]);

        OverviewRange range = OverviewRange.Last(TimeSpan.FromHours(24), SomeTrace.Now, Berlin);
        Overview overview = await core.Get<OverviewQueries>().ReadAsync(Projects.Default, range, TestContext.Current.CancellationToken);

        Assert.Equal((TimeSpan.FromMinutes(15), TimeSpan.FromHours(1)), (range.Step, overview.Axis.Step));
        Assert.All(overview.Steps.Skip(1), step => Assert.Equal(1, step.ResponseTimes));
    }

    [Theory]
    [InlineData("2025-10-26T22:30:00Z", 25)]
    [InlineData("2026-03-29T21:30:00Z", 23)]
    public async Task ADayOnWhichClocksChangeIsCountedWhole(string late, int hours)
    {
        await using TestCore core = await StartAsync(DatabaseKind.Sqlite);
        DateTime at = DateTimeOffset.Parse(late, System.Globalization.CultureInfo.InvariantCulture).UtcDateTime;
        await core.StoreAsync(SomeTrace.New(("trace_id", "\"late\""), ("timestamp", $"\"{at:O}\"")));
        OverviewRange range = OverviewRange.Last(TimeSpan.FromHours(24), at, Berlin);

        Overview overview = await core.Get<OverviewQueries>().ReadAsync(Projects.Default, range, TestContext.Current.CancellationToken);

        Assert.Equal(1, overview.Today.Traces);
        Assert.Equal(TimeSpan.FromHours(hours), range.DaysAround().Tomorrow - range.Today);
    }

    [Theory, EveryDatabase]
    public async Task TodayIsComparedWithYesterdayByTheSameTime(DatabaseKind kind)
    {
        await using TestCore core = await StartAsync(kind);

        // Noon in UTC is 14:00 in Berlin, where the day began at 22:00.
        await core.StoreAsync([.. new[] { "2026-05-03T21:59:00Z", "2026-05-03T22:01:00Z", "2026-05-03T11:50:00Z", "2026-05-03T12:20:00Z", "2026-05-02T21:59:00Z" }
            .Select((time, i) => SomeTrace.New(("trace_id", $"\"t-{i}\""), ("timestamp", $"\"{time}\"")))]);

        OverviewRange range = OverviewRange.Last(TimeSpan.FromHours(1), SomeTrace.Now, Berlin);
        Overview overview = await core.Get<OverviewQueries>().ReadAsync(Projects.Default, range, TestContext.Current.CancellationToken);

        Assert.Equal((1, 1), (overview.Today.Traces, overview.Yesterday.Traces));
        Assert.Equal(1, overview.TodayByHour[0].Traces);
        Assert.Equal(15, overview.TodayByHour.Count);
    }

    private static Task<TestCore> StartAsync(DatabaseKind kind) => TestCore.StartAsync(kind, (services, configuration) =>
    {
        services.AddSingleton<TimeProvider>(new FakeTimeProvider(new DateTimeOffset(SomeTrace.Now)));
        StoredTraces.Add(services, configuration);
        services.AddFigures();
    });

    private static void AssertCut(TimeAxis axis, IReadOnlyList<Figures> steps, Trace[] traces)
    {
        Assert.Equal(axis.Starts.Count, steps.Count);
        for (int i = 0; i < steps.Count; i++)
        {
            Assert.Equal(Text([.. traces.Where(t => axis.IndexOf(t.Timestamp) == i)]), Text(steps[i]));
        }
    }

    private static string Text(Trace[] traces)
    {
        var histogram = new Histogram();
        foreach (Trace trace in traces)
        {
            histogram.Add(trace.ResponseTimeMs!.Value, 1);
        }

        return $"{traces.Length} {traces.Sum(t => t.TokensUsed)} {traces.Sum(t => t.Cost):0.####} {Convert.ToHexString(histogram.Pack())}";
    }

    private static string Text(Figures figures) =>
        $"{figures.Traces} {figures.TokensUsed} {figures.Cost:0.####} {Convert.ToHexString(figures.Histogram)}";
}
