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
    private TitledChart? _ingestion;
    private TitledChart? _latency;
    private TitledChart? _stages;
    private TitledChart? _errors;
    private TitledChart? _cache;
    private TitledChart? _readers;
    private TitledChart? _queue;
    private TitledChart? _lag;
    private TitledChart? _availability;

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
        _ingestion = Of("Ingestion rate", view.Ingestion);
        _latency = Of("Processing time, request to answer", view.Latency);
        _stages = Of("Processing time by stage, p95", view.Stages);
        _errors = Of("Errors by reason", view.Errors);
        _cache = Of("Cache hit rate", view.CacheHits);
        _queue = Of("Queue depth", view.Queue);
        _availability = Of(view.HasRedis ? "Database and Redis there" : "Database there", view.Availability);
        _readers = Of("Connections", view.Readers);
        _lag = Of("Lag", view.Lag);
    }

    private TitledChart Of(string title, ChartModel model) => TitledChart.Of(title, _range.Title, model);
}
