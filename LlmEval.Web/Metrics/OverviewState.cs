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
    private readonly OutageRetry _retry = new(time, changed);
    private readonly LatestRead _reading = new();
    private TimeZoneInfo _zone = TimeZoneInfo.Utc;
    private RangeWords _words = new("", "");
    private int _started;
    private int _kept;

    public OverviewAddress Address { get; private set; } = OverviewAddress.Of(OverviewAddress.Usual);

    /// <summary>Null until the first figures are here: those of now, or those that somebody saw a moment ago.</summary>
    public OverviewView? View { get; private set; }

    /// <summary>Figures of now have been here.</summary>
    public bool HasRead => _kept > 0;

    /// <summary>The database is away; reading goes on by itself.</summary>
    public bool Unavailable => _retry.IsAway;

    /// <summary>How long the range stays what it is: then its next step begins. Null for a range of the past.</summary>
    public TimeSpan? UntilNextStep =>
        Address.Choice is not null && View is { } view ? view.Overview.Range.To - time.UtcNow() : null;

    /// <summary>Says which range there will be, before anything is read.</summary>
    public void Announce(OverviewAddress address) => Address = address;

    public Task ShowAsync(OverviewAddress address, RangeWords words, TimeZoneInfo zone)
    {
        Address = address;
        (_words, _zone) = (words, zone);
        _reading.Begin();

        // Nothing but zeros is not worth a look: most likely the page leads on to another.
        if (last(RangeNow()) is { Ever.Traces: > 0 } known)
        {
            View = OverviewView.Of(known, _words);
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
                View = OverviewView.Of(overview, _words);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
        }
    }

    private OverviewRange RangeNow() => Address.ToRange(time.UtcNow(), _zone);

    public void Dispose() => _reading.Dispose();
}
