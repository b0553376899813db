using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Web.Live;
using LlmEval.Web.Traces;

namespace LlmEval.Web.SingleTrace;

/// <summary>
/// What the page of a trace shows, and how events change it: the trace with its history, its neighbours in the list that it was
/// opened from, and its session. For one thread at a time: the page's dispatcher.
/// </summary>
/// <param name="changed">Called when something changed outside a call of the page.</param>
public sealed class TracePageState(TraceReads reads, TimeProvider time, Action changed) : IDisposable
{
    /// <summary>So many turns of a session are shown on each side.</summary>
    public const int SessionTurns = 20;

    private readonly OutageRetry _retry = new(time, changed);
    private readonly LatestRead _loading = new();
    private TraceAddress _wanted = new("");

    /// <summary>What is shown; what is wanted next takes its place when it has been read.</summary>
    public TraceAddress Address { get; private set; } = new("");

    /// <summary>Null until it was read; what was read last stays when the trace is deleted.</summary>
    public TraceDetail? Detail { get; private set; }

    /// <summary>There is no such trace, or no longer.</summary>
    public bool Missing { get; private set; }

    /// <summary>The database is away; reading is tried again.</summary>
    public bool Unavailable => _retry.IsAway;

    public TraceSummary? Newer { get; private set; }

    public TraceSummary? Older { get; private set; }

    /// <summary>The traces of the session, oldest first, this one among them.</summary>
    public IReadOnlyList<TraceSummary> Session { get; private set; } = [];

    /// <summary>The session goes on beyond what is shown.</summary>
    public bool SessionIsLonger { get; private set; }

    public Task ShowAsync(TraceAddress address)
    {
        bool another = address.TraceId != _wanted.TraceId || !address.List.ListsTheSameAs(_wanted.List);
        _wanted = address;
        if (another)
        {
            return RefreshAsync();
        }

        Address = address.TraceId == Address.TraceId ? address : Address;
        return Task.CompletedTask;
    }

    public Task TakeAsync(LiveBatch batch) =>
        batch.Missed || batch.Events.Any(e => e.TraceId == _wanted.TraceId || IsNeighbour(e)) ? RefreshAsync() : Task.CompletedTask;

    /// <summary>Reads it again, until it succeeds or another trace is wanted.</summary>
    public async Task RefreshAsync()
    {
        CancellationToken cancel = _loading.Begin();
        if (cancel.IsCancellationRequested)
        {
            return;
        }

        try
        {
            await _retry.RunAsync(() => ReadAsync(_wanted, cancel), cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Overtaken by another read.
        }
    }

    // What stands next to this trace, or may from now on. The list's filter is left to the database.
    private bool IsNeighbour(LogEvent e)
    {
        if (Detail is null)
        {
            return false;
        }

        if (e.TraceId == Newer?.TraceId || e.TraceId == Older?.TraceId || Session.Any(t => t.TraceId == e.TraceId))
        {
            return true;
        }

        if (e.Action != EventAction.NewTrace || (Newer is not null && Detail.Trace.SessionId is null))
        {
            return false;
        }

        TraceSummary? stored = EventSummaries.Of(e);
        return stored is not null
            && ((stored.SessionId is not null && stored.SessionId == Detail.Trace.SessionId) || (Newer is null && Address.List.Filter.MayTake(stored)));
    }

    private async Task ReadAsync(TraceAddress address, CancellationToken cancel)
    {
        TraceDetail? found = address.TraceId.Length == 0 ? null : await reads.Find(address.TraceId, cancel);
        if (found is null)
        {
            cancel.ThrowIfCancellationRequested();
            Detail = address.TraceId == Address.TraceId ? Detail : null;
            (Address, Missing) = (address, true);
            return;
        }

        Trace trace = found.Trace;
        var place = new Cursor(trace.Timestamp, trace.Id);
        TraceSurroundings list = await reads.Around(address.List.Filter, place, 1, cancel);
        TraceSurroundings session = trace.SessionId is null
            ? TraceSurroundings.None
            : await reads.Around(new TraceFilter { SessionId = trace.SessionId }, place, SessionTurns, cancel);
        cancel.ThrowIfCancellationRequested();

        // All at once, so that nothing of one trace stands beside something of another.
        (Address, Detail, Missing) = (address, found, false);
        (Newer, Older) = (list.Newer.FirstOrDefault(), list.Older.FirstOrDefault());
        Session = [.. session.Older.Reverse(), TraceSummary.Of(trace), .. session.Newer];
        SessionIsLonger = session.Newer.Count == SessionTurns || session.Older.Count == SessionTurns;
    }

    public void Dispose() => _loading.Dispose();
}
