using LlmEval.Core.Events;
using LlmEval.Core.Monitoring;
using LlmEval.Core.Primitives;
using LlmEval.Web.Live;
using LlmEval.Web.Metrics;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Monitoring;

public sealed partial class MonitoringPage
{
    private MonitoringRange _range = MonitoringRange.Choices[0];
    private MonitoringView? _view;
    private ChartModel? _ingestion;
    private ChartModel? _latency;
    private ChartModel? _stages;
    private ChartModel? _errors;
    private ChartModel? _cache;
    private ChartModel? _readers;
    private ChartModel? _queue;
    private ChartModel? _lag;
    private ChartModel? _availability;

    [SupplyParameterFromQuery(Name = "range")]
    private string? Range { get; set; }

    [Inject]
    public required ProcessHistory History { get; init; }

    [Inject]
    public required IOptions<MonitoringOptions> Options { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    /// <summary>The samples are all that this page follows: one a second, whatever happens.</summary>
    protected override EventFilter Followed => EventFilter.Nothing;

    protected override Func<Task> Signal => () => History.Changed;

    protected override void OnParametersSet()
    {
        _range = MonitoringRange.Find(Range);
        if (IsOpen)
        {
            Show();
        }
    }

    protected override Task OpenAsync()
    {
        Show();
        return Task.CompletedTask;
    }

    protected override Task TakeAsync(LiveBatch batch) => OpenAsync();

    private void Show()
    {
        MonitoringView view = MonitoringView.Of(History, _range, Clock.UtcNow());
        _view = view;
        (_ingestion, _latency, _stages, _errors) = (view.Ingestion, view.Latency, view.Stages, view.Errors);
        (_cache, _readers, _queue, _lag, _availability) = (view.CacheHits, view.Readers, view.Queue, view.Lag, view.Availability);
    }

    private string Available => _view?.HasRedis == true ? "Database and Redis there" : "Database there";

    private string Describe(string title, ChartModel model) => $"{title}, {_range.Title}: {model.Summary()}";
}
