using LlmEval.Core.Ingestion;
using LlmEval.Core.Monitoring;
using LlmEval.Core.Primitives;
using LlmEval.Web.Metrics;
using LlmEval.Web.Traces;

namespace LlmEval.Web.Monitoring;

/// <summary>What the Monitoring page shows of a stretch of time.</summary>
public sealed class MonitoringView
{
    /// <summary>Less is how it goes under load.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(5);

    private const string OtherColor = "--muted-series";

    private static readonly string[] Colors = ["--c1", "--c2", "--c3", "--c4", "--c5", "--c6"];

    private readonly MonitoringRange _range;
    private readonly long[] _times;
    private readonly ProcessWindow?[] _steps;

    private MonitoringView(MonitoringRange range, DateTime now, IReadOnlyList<ProcessSample> samples)
    {
        _range = range;
        long step = range.Step.Ticks / TimeSpan.TicksPerMillisecond;
        int count = (int)(range.Length / range.Step);

        // The step that is still filling is left out: it would always look low.
        long end = now.ToUnixMicroseconds() / 1_000 / step * step;
        _times = [.. Enumerable.Range(0, count).Select(i => end - ((count - i) * step))];
        _steps = new ProcessWindow?[count];
        foreach (IGrouping<long, ProcessSample> group in samples.GroupBy(s => (s.At.ToUnixMicroseconds() / 1_000 / step * step - _times[0]) / step))
        {
            if (group.Key >= 0 && group.Key < count)
            {
                _steps[group.Key] = new ProcessWindow(group);
            }
        }

        Minute = new ProcessWindow(samples.Where(s => s.At > now - PerformanceReport.Window));
    }

    public static MonitoringView Of(ProcessHistory history, MonitoringRange range, DateTime now)
    {
        TimeSpan needed = range.Length > PerformanceReport.Window ? range.Length : PerformanceReport.Window;
        return new MonitoringView(range, now, history.After(now - needed - range.Step));
    }

    /// <summary>The last one, which the figures are about.</summary>
    public ProcessWindow Minute { get; }

    public IReadOnlyList<Kpi> Kpis =>
    [
        Figure("Ingestion", FigureFormat.Rate(Minute.TracesPerSecond), "--c1", w => w.TracesPerSecond, "traces stored"),
        Figure("Processing p95", TraceFormat.Duration(Minute.Quantile(IngestionStage.Total, .95)), "--c2", w => w.Quantile(IngestionStage.Total, .95), "request to answer"),
        Figure("Errors", Percent(Minute.ErrorShare), "--c6", w => 100 * w.ErrorShare, $"{TraceFormat.Count(Minute.Errors)} of {TraceFormat.Count(Minute.Requests)} requests"),
        Figure("Cache hits", Percent(Minute.CacheHitShare), "--c3", w => 100 * w.CacheHitShare, $"of {TraceFormat.Count(Minute.CacheHits + Minute.CacheMisses)} reads"),
        Figure("Streams", TraceFormat.Count(Minute.Last?.Streams), "--c4", w => w.Last?.Streams, "open now"),
        Figure("Pages", TraceFormat.Count(Minute.Last?.Circuits), "--c5", w => w.Last?.Circuits, "open in browsers"),
        Figure("Queue", TraceFormat.Count(Minute.Last?.QueueTraces), OtherColor, w => w.Last?.QueueTraces, "traces wait"),
    ];

    public ChartModel Ingestion => Curves(ChartUnit.Rate, ("Stored", "--c1", w => Round(w.TracesPerSecond)));

    public ChartModel Latency => Curves(
        ChartUnit.Milliseconds,
        ("p50", "--c1", w => Round(w.Quantile(IngestionStage.Total, .5))),
        ("p95", "--c2", w => Round(w.Quantile(IngestionStage.Total, .95))),
        ("p99", "--c6", w => Round(w.Quantile(IngestionStage.Total, .99)))) with
    { Band = new ChartBand(Low: 0, High: 1) };

    public ChartModel Stages => Curves(
        ChartUnit.Milliseconds,
        ("Wait", "--c4", w => Round(w.Quantile(IngestionStage.Wait, .95))),
        ("Store", "--c3", w => Round(w.Quantile(IngestionStage.Store, .95))),
        ("Publish", "--c5", w => Round(w.Quantile(IngestionStage.Publish, .95))));

    /// <summary>Only reasons that occurred.</summary>
    public ChartModel Errors
    {
        get
        {
            WebhookOutcome[] reasons =
            [
                .. Enum.GetValues<WebhookOutcome>().Where(o => o != WebhookOutcome.Ok && _steps.Any(step => step?.Count(o) > 0)),
            ];
            return new ChartModel(ChartKind.Columns, ChartUnit.Count, StepSeconds, _times,
            [
                .. reasons.Select((reason, i) => new ChartSeries(
                    ReasonName(reason), i < Colors.Length ? Colors[^(i + 1)] : OtherColor, [.. _steps.Select(step => (double?)step?.Count(reason))])),
            ]);
        }
    }

    public ChartModel CacheHits => Curves(ChartUnit.Percent, ("Hits", "--c3", w => Round(100 * w.CacheHitShare)));

    public ChartModel Readers => Curves(
        ChartUnit.Count, ("Streams", "--c4", w => w.Last!.Streams), ("Pages", "--c5", w => w.Last!.Circuits));

    public ChartModel Queue => Curves(ChartUnit.Count, ("Waiting", "--c1", w => w.Last!.QueueTraces));

    public ChartModel Lag => Curves(
        ChartUnit.Milliseconds,
        ("Events of other replicas", "--c2", w => Math.Round(w.Last!.Dependencies.EventLag.TotalMilliseconds)),
        ("Full-text index", "--c4", w => w.Last!.Dependencies.Search is { } search ? Math.Round(search.Behind.TotalMilliseconds) : null));

    /// <summary>The share of looks at which it was there.</summary>
    public ChartModel Availability
    {
        get
        {
            ChartModel both = Curves(
                ChartUnit.Percent,
                ("Database", "--c1", w => Share(w, found => found.DatabaseUp)),
                ("Redis", "--c5", w => Share(w, found => found.RedisUp)));
            return HasRedis ? both : both with { Series = [both.Series[0]] };
        }
    }

    /// <summary>Redis is configured, or was in this stretch of time.</summary>
    public bool HasRedis => Minute.Last?.Dependencies.RedisUp is not null
        || _steps.Any(step => step is not null && step.Dependencies.Any(found => found.RedisUp is not null));

    /// <summary>How what the process depends on stands, in words.</summary>
    public IReadOnlyList<DependencyFact> Facts
    {
        get
        {
            if (Minute.Last?.Dependencies is not { } found)
            {
                return [];
            }

            var facts = new List<DependencyFact>
            {
                new("Database", found.DatabaseUp, found.DatabaseFault ?? "Answers"),
                found.RedisUp switch
                {
                    null => new DependencyFact("Redis", null, "Not configured"),
                    true => new DependencyFact("Redis", true, "Connected"),
                    false => new DependencyFact("Redis", false, "Away; everything goes on without it"),
                },
                new("Event log", found.EventLag < Late, Behind(found.EventsBehind, found.EventLag)),
            };
            if (found.Search is { } search)
            {
                facts.Add(new DependencyFact(
                    "Full-text index", !search.IsPaused && search.Behind < Late, search.IsPaused ? "Paused" : Behind(search.EventsBehind, search.Behind)));
            }

            return facts;
        }
    }

    private int StepSeconds => (int)_range.Step.TotalSeconds;

    private static string Behind(long events, TimeSpan lag) => events == 0
        ? "Up to date"
        : $"{TraceFormat.Count(events, "event")}, {TraceFormat.Duration(lag.TotalMilliseconds)} behind";

    private static string Percent(double? share) => share is { } s ? FigureFormat.Percent(s) : TraceFormat.Nothing;

    private static string ReasonName(WebhookOutcome reason)
    {
        string name = WebhookMetrics.Names[(int)reason].Replace('_', ' ');
        return char.ToUpperInvariant(name[0]) + name[1..];
    }

    private Kpi Figure(string title, string text, string color, Func<ProcessWindow, double?> read, string note)
    {
        // The unit stands apart, so that it can be smaller.
        string[] parts = text.EndsWith("/s", StringComparison.Ordinal) ? [text[..^2], "/s"] : text.Split(' ', 2);
        return new Kpi(title, parts[0], parts.Length > 1 ? parts[1] : null, color, [.. _steps.Select(step => step is null ? null : read(step))]) { Note = note };
    }

    private ChartModel Curves(ChartUnit unit, params (string Name, string Color, Func<ProcessWindow, double?> Read)[] lines) => new(
        ChartKind.Curves,
        unit,
        StepSeconds,
        _times,
        [.. lines.Select(line => new ChartSeries(line.Name, line.Color, [.. _steps.Select(step => step is null ? null : line.Read(step))]))]);

    private static double? Share(ProcessWindow window, Func<Dependencies, bool?> isUp)
    {
        bool[] looks = [.. window.Dependencies.Select(isUp).OfType<bool>()];
        return looks.Length == 0 ? null : Math.Round(100.0 * looks.Count(up => up) / looks.Length, 1);
    }

    private static double? Round(double? value) => value is { } v ? Math.Round(v, 1) : null;
}

/// <param name="Good">Null when it is neither.</param>
public sealed record DependencyFact(string Name, bool? Good, string Text);
