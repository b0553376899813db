using LlmEval.Core.Metrics;
using LlmEval.Core.Primitives;
using LlmEval.Web.Live;

namespace LlmEval.Web.Metrics;

/// <summary>Reads the figures of a range, to hold every change that is known when it is asked.</summary>
public delegate Task<Overview> ReadOverview(OverviewRange range, CancellationToken cancel);

/// <summary>The figures of a range as somebody read them last, a short while ago: shown until those of now are here. Null when nobody did.</summary>
public delegate Overview? LastOverview(OverviewRange range);

/// <summary>The overview as it stands: which range, its figures, and what is drawn of them.</summary>
/// <param name="changed">Called when something is to be shown before a task has ended.</param>
public sealed class OverviewState(ReadOverview read, LastOverview last, TimeProvider time, Action changed) : IDisposable
{
    private const int MostModels = 8;

    private readonly OutageRetry _retry = new(time, changed);
    private CancellationTokenSource _reading = new();
    private TimeZoneInfo _zone = TimeZoneInfo.Utc;
    private int _started;
    private int _kept;
    private bool _disposed;

    public OverviewAddress Address { get; private set; } = OverviewAddress.Of(OverviewAddress.Usual);

    /// <summary>Null until the first figures are here.</summary>
    public Overview? Overview { get; private set; }

    /// <summary>The database is away; reading goes on by itself.</summary>
    public bool Unavailable => _retry.IsAway;

    public IReadOnlyList<Kpi> Kpis { get; private set; } = [];
    public ChartModel? ByStatus { get; private set; }
    public ChartModel? ResponseTimes { get; private set; }
    public ChartModel? CostByModel { get; private set; }
    public ChartModel? TokensByModel { get; private set; }
    public ChartModel? Verdicts { get; private set; }
    public IReadOnlyList<ModelAcceptance> Acceptance { get; private set; } = [];
    public IReadOnlyList<ModelFaults> Worst { get; private set; } = [];

    /// <summary>How long the range stays what it is: then its next step begins. Null for a range of the past.</summary>
    public TimeSpan? UntilNextStep =>
        Address.Choice is not null && Overview is { } overview ? overview.Range.To - time.UtcNow() : null;

    /// <summary>Says which range there will be, before anything is read.</summary>
    public void Announce(OverviewAddress address) => Address = address;

    public Task ShowAsync(OverviewAddress address, TimeZoneInfo zone)
    {
        Address = address;
        _zone = zone;
        _reading.Cancel();
        _reading.Dispose();
        _reading = new CancellationTokenSource();
        if (_disposed)
        {
            _reading.Cancel();
        }

        if (last(RangeNow()) is { } known)
        {
            Take(known);
            changed();
        }

        return RefreshAsync();
    }

    /// <summary>
    /// Reads the figures anew. One that is overtaken, by another range or by a reading that began later, ends without effect: the
    /// clock asks for one while an event's is under way.
    /// </summary>
    public async Task RefreshAsync()
    {
        CancellationToken cancel = _reading.Token;
        try
        {
            (int number, Overview overview) = await _retry.RunAsync(
                async () =>
                {
                    int started = ++_started;
                    Overview found = await read(RangeNow(), cancel);
                    cancel.ThrowIfCancellationRequested();
                    return (started, found);
                },
                cancel);
            if (number > _kept)
            {
                _kept = number;
                Take(overview);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
        }
    }

    private OverviewRange RangeNow() => Address.ToRange(time.UtcNow(), _zone);

    private void Take(Overview overview)
    {
        Overview = overview;
        Kpis = KpiCalculator.Of(overview, Address.Choice?.Before ?? "the period before");
        ByStatus = OverviewCharts.ByStatus(overview);
        ResponseTimes = OverviewCharts.ResponseTimes(overview);
        CostByModel = OverviewCharts.CostByModel(overview);
        TokensByModel = OverviewCharts.TokensByModel(overview);
        Verdicts = OverviewCharts.Verdicts(overview);
        Acceptance = ModelRanking.ByJudged(overview.Models, MostModels);
        Worst = ModelRanking.Worst(overview.Models, MostModels);
    }

    public void Dispose()
    {
        _disposed = true;
        _reading.Cancel();
    }
}
