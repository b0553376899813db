using System.Collections.Immutable;
using System.Collections.ObjectModel;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Web.Live;

namespace LlmEval.Web.Traces;

/// <summary>
/// What the traces page shows and how events change it. While somebody reads (scrolled, pointing, focused, paused) rows keep
/// their places: new traces wait and are counted, only what is known of a row changes in place. For one thread at a time: the
/// page's dispatcher.
/// </summary>
/// <param name="changed">Called when something changed outside a call of the page.</param>
public sealed class TracesState(TraceReads reads, TimeProvider time, Action changed) : IDisposable
{
    /// <summary>Who was further down when they left finds the beginning: a list is not read for ever.</summary>
    private const int MostSought = 500;

    private readonly OutageRetry _retry = new(time, changed);
    private readonly LiveTraces _traces = new();
    private readonly TraceLookups _lookups = new(reads);
    private readonly LatestRead _loading = new();
    private ImmutableSortedSet<string> _modelNames = ImmutableSortedSet.Create<string>(StringComparer.OrdinalIgnoreCase);
    private Task _load = Task.CompletedTask;
    private bool _reading;
    private LaterLooks? _looks;

    public TracesAddress Address { get; private set; } = new();

    public ReadOnlyCollection<ListedTrace> Rows => _traces.Rows;

    /// <summary>Another set when a model turned up in events.</summary>
    public IReadOnlyCollection<string> ModelNames => _modelNames;

    /// <summary>False until the first list was read.</summary>
    public bool Loaded { get; private set; }

    /// <summary>A list is being read.</summary>
    public bool Busy => !_load.IsCompleted;

    /// <summary>The database is away; reading is tried again.</summary>
    public bool Unavailable => _retry.IsAway;

    /// <summary>Where the next rows begin, while there are any.</summary>
    public Cursor? Older => _traces.Older;

    /// <summary>No more rows fit: the list goes on at an address of its own.</summary>
    public bool IsFull => _traces.IsFull;

    /// <summary>New traces that wait until the reader wants them.</summary>
    public int NewCount => _traces.NewCount;

    /// <summary>Something happened that may belong to the list; only reading it again tells.</summary>
    public bool MayHaveMore { get; private set; }

    public bool Paused { get; private set; }

    public bool IsHeld => Paused || _reading || Address.After is not null;

    private TraceFilter Filter => _traces.Filter;

    /// <summary>Reads the list of an address, until it succeeds or another one is wanted.</summary>
    public Task ShowAsync(TracesAddress address)
    {
        bool same = Loaded && address.ListsTheSameAs(Address);
        Address = address;
        if (same)
        {
            return Task.CompletedTask;
        }

        _traces.Filter = address.Filter;
        return ReloadAsync();
    }

    public async Task ReloadAsync()
    {
        _lookups.StartOver();
        Task load = StartReading(ReadFirstPageAsync);
        await Quietly(load);
    }

    public async Task LoadOlderAsync()
    {
        if (!Busy && Older is not null && !IsFull)
        {
            await Quietly(StartReading(ReadOlderPageAsync));
        }
    }

    /// <summary>Reads on down to where a trace stands, if that is not too far.</summary>
    /// <returns>The place of the row there: its own, or the next older one when the trace left the list; null when there is none.</returns>
    public async Task<int?> LoadDownToAsync(TraceSummary trace)
    {
        await Quietly(StartReading(async cancel =>
        {
            while (PlaceOf(trace) is null && Older is not null && Rows.Count < MostSought)
            {
                await ReadOlderPageAsync(cancel);
            }
        }));
        return PlaceOf(trace);
    }

    /// <summary>Applies what happened, once a list is there to apply it to.</summary>
    public async Task TakeAsync(LiveBatch batch)
    {
        Task load;
        do
        {
            load = _load;
            await Quietly(load);
        }
        while (load != _load);

        if (_loading.Token.IsCancellationRequested || !Loaded)
        {
            return;
        }

        if (batch.Missed)
        {
            _traces.Outdated = true;
            MayHaveMore |= IsHeld;
        }

        await ApplyAsync(batch.Events);
        if (!IsHeld)
        {
            await ReleaseAsync();
        }
    }

    /// <summary>The reader began or stopped to look at certain rows.</summary>
    public Task SetReadingAsync(bool reading)
    {
        _reading = reading;
        return IsHeld ? Task.CompletedTask : ReleaseAsync();
    }

    public Task SetPausedAsync(bool paused)
    {
        Paused = paused;
        return IsHeld ? Task.CompletedTask : ReleaseAsync();
    }

    /// <summary>Shows what waits, even while held.</summary>
    public Task ShowNewAsync() => MayHaveMore ? ReloadAsync() : ReleaseAsync();

    /// <summary>Reads all that match, loaded or not, newest first.</summary>
    /// <returns>So many at most; null when another list is wanted meanwhile.</returns>
    public async Task<IReadOnlyList<TraceSummary>?> GatherAsync(int most, CancellationToken cancel)
    {
        TraceFilter filter = Filter;
        var gathered = new List<TraceSummary>();
        Cursor? after = null;
        do
        {
            Page<TraceSummary> page = await ReadPageAsync(after, cancel);
            if (!ReferenceEquals(filter, Filter))
            {
                return null;
            }

            gathered.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null && gathered.Count < most);
        return gathered.Count > most ? gathered[..most] : gathered;
    }

    public void AddModelNames(IEnumerable<string> names) => _modelNames = _modelNames.Union(names);

    private int? PlaceOf(TraceSummary trace) =>
        Rows.Index().FirstOrDefault(row => row.Item.Trace.TraceId == trace.TraceId || row.Item.Trace.Timestamp < trace.Timestamp) is { Item: not null } found
            ? found.Index
            : null;

    private Task ReleaseAsync()
    {
        if (_traces.Outdated)
        {
            return ReloadAsync();
        }

        _traces.Release(trim: !Busy);
        return Task.CompletedTask;
    }

    private async Task ApplyAsync(IReadOnlyList<LogEvent> events)
    {
        Dictionary<string, bool> entering = [];
        foreach (LogEvent e in events)
        {
            switch (e.Action)
            {
                case EventAction.DeletedTrace:
                    _traces.Remove(e.TraceId);
                    break;
                case EventAction.Evaluated when _traces.Known(e.TraceId) is { } known:
                    _traces.Update(known with { Status = e.Status, Version = EventVersion.Of(e) }, IsHeld);
                    break;
                case EventAction.Evaluated when Enters(e):
                    entering.TryAdd(e.TraceId, false);
                    break;
                case EventAction.NewTrace or EventAction.UpdatedTrace:
                    Apply(e, entering);
                    break;
            }
        }

        await EnterAsync(entering);
    }

    /// <param name="entering">What has to be looked up, and whether it is new.</param>
    private void Apply(LogEvent e, Dictionary<string, bool> entering)
    {
        if (_modelNames.Count < 500)
        {
            _modelNames = _modelNames.Add(e.ModelName);
        }

        if (_traces.Known(e.TraceId) is not null)
        {
            if (EventSummaries.Of(e) is { } changed)
            {
                _traces.Update(changed, IsHeld);
            }
        }
        else if (Filter.IsOneOf(e.ModelName, e.Status) && EventSummaries.Of(e) is { } trace && !_traces.IsNoneOf(trace))
        {
            bool isNew = e.Action == EventAction.NewTrace;
            if (Filter.AsksBeyondSummary)
            {
                entering[e.TraceId] = isNew || entering.GetValueOrDefault(e.TraceId);
            }
            else
            {
                _traces.Enter(trace, isNew, IsHeld);
            }
        }
    }

    private async Task EnterAsync(Dictionary<string, bool> entering)
    {
        if (entering.Count == 0)
        {
            return;
        }

        if (Filter.Text is not null && Address.After is null)
        {
            (_looks ??= new LaterLooks(time, LookAsync)).Begin();
            return;
        }

        bool all = Filter.Text is null && await _lookups.FindAsync(entering.Keys, found =>
        {
            TraceSummary trace = TraceSummary.Of(found);
            if (_traces.Known(trace.TraceId) is null && Filter.Takes(found) && !_traces.IsNoneOf(trace))
            {
                _traces.Enter(trace, entering[trace.TraceId], IsHeld);
            }
        });
        MayHaveMore |= !all;
    }

    /// <summary>What is new in a search only searching tells.</summary>
    private async Task LookAsync()
    {
        await Quietly(_load);
        if (_loading.Token.IsCancellationRequested || Filter.Text is null || Address.After is not null)
        {
            return;
        }

        TraceFilter filter = Filter;
        try
        {
            Page<TraceSummary> newest = await reads.List(filter, null, TraceWindow.PageSize, _loading.Token);
            if (ReferenceEquals(filter, Filter))
            {
                await TakeSearchedAsync(newest);
            }
        }
        catch (OperationCanceledException)
        {
            // Older rows of the same list may be what was wanted.
            _looks!.Begin();
        }
        catch (Exception e) when (Outage.Is(e))
        {
            MayHaveMore = true;
        }

        changed();
    }

    private async Task TakeSearchedAsync(Page<TraceSummary> newest)
    {
        TraceSummary[] unknown = [.. newest.Items.Where(t => _traces.Known(t.TraceId) is null && !_traces.IsNoneOf(t))];
        if (newest is { Next: not null, Items.Count: > 0 } && unknown.Length == newest.Items.Count)
        {
            // More than a page came at once.
            _traces.Outdated = true;
            MayHaveMore |= IsHeld;
        }
        else
        {
            foreach (TraceSummary trace in unknown.Reverse())
            {
                _traces.Enter(trace, isNew: true, IsHeld);
            }
        }

        if (!IsHeld)
        {
            await ReleaseAsync();
        }
    }

    private bool Enters(LogEvent e) =>
        Filter.Statuses.Count > 0 && Filter.IsOneOf(e.ModelName, e.Status) && !(e.PreviousStatus is { } before && Filter.Statuses.Contains(before));

    private async Task ReadFirstPageAsync(CancellationToken cancel)
    {
        Page<TraceSummary> page = await ReadPageAsync(Address.After, cancel);
        _traces.Reset(page);
        MayHaveMore = false;
        Loaded = true;
    }

    private async Task ReadOlderPageAsync(CancellationToken cancel) => _traces.Append(await ReadPageAsync(Older, cancel));

    private Task<Page<TraceSummary>> ReadPageAsync(Cursor? after, CancellationToken cancel) => _retry.RunAsync(
        async () =>
        {
            Page<TraceSummary> page = await reads.List(Filter, after, TraceWindow.PageSize, cancel);

            // Nothing on it, but not the end: what is looked for is further down than one page may take to get to.
            while (page.Items.Count == 0 && page.Next is not null)
            {
                page = await reads.List(Filter, page.Next, TraceWindow.PageSize, cancel);
            }

            cancel.ThrowIfCancellationRequested();
            return page;
        },
        cancel);

    private Task StartReading(Func<CancellationToken, Task> read) => _load = read(_loading.Begin());

    /// <summary>A read that was overtaken by another is no fault.</summary>
    private static async Task Quietly(Task load)
    {
        try
        {
            await load;
        }
        catch (OperationCanceledException)
        {
        }
    }

    public void Dispose()
    {
        _loading.Dispose();
        _looks?.Dispose();
        _lookups.Dispose();
    }
}
