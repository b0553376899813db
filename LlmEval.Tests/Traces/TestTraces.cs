using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Web.Traces;

namespace LlmEval.Tests.Traces;

/// <summary>Traces in memory, read as the page reads them from the database. It can be away, and it can be slow.</summary>
internal sealed class TestTraces
{
    private readonly List<Trace> _traces = [];
    private TaskCompletionSource? _held;

    public TestTraces() => Reads = new TraceReads(ListAsync, FindAsync, AroundAsync, _ => Task.FromResult<IReadOnlyList<string>>([.. _traces.Select(t => t.ModelName).Distinct()]));

    public TraceReads Reads { get; }

    public bool Away { get; set; }

    /// <summary>How often a list was read.</summary>
    public int Lists { get; private set; }

    public Trace Add(Trace trace)
    {
        trace.Id = _traces.Count + 1;
        _traces.Add(trace);
        return trace;
    }

    public void AddMany(int count)
    {
        for (int i = count - 1; i >= 0; i--)
        {
            Add(SomeTraces.One($"old-{i:000}", minutesAgo: 10 + i));
        }
    }

    public void Remove(Trace trace) => _traces.Remove(trace);

    /// <summary>Lists wait from now on, until <see cref="Release"/>.</summary>
    public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _held?.SetResult();

    /// <summary>What was said of traces, for those that show it.</summary>
    public List<Evaluation> Verdicts { get; } = [];

    private async Task<Page<TraceSummary>> ListAsync(TraceFilter filter, Cursor? after, int limit, CancellationToken cancel)
    {
        Lists++;
        ThrowIfAway();

        // What a slow database answers with is what it saw when it was asked.
        Trace[] found =
        [
            .. _traces
                .Where(filter.Takes)
                .Where(t => filter.Text is null || t.UserQuery.Contains(filter.Text, StringComparison.Ordinal))
                .Where(t => after is null || t.Timestamp < after.Timestamp || (t.Timestamp == after.Timestamp && t.Id < after.Id))
                .OrderByDescending(t => t.Timestamp).ThenByDescending(t => t.Id)
                .Take(limit + 1),
        ];
        Cursor? next = found.Length > limit ? new Cursor(found[limit - 1].Timestamp, found[limit - 1].Id) : null;
        var page = new Page<TraceSummary>([.. found.Take(limit).Select(TraceSummary.Of)], next);
        if (_held is not null)
        {
            await _held.Task.WaitAsync(cancel);
        }

        return page;
    }

    private ValueTask<TraceDetail?> FindAsync(string traceId, CancellationToken cancel)
    {
        ThrowIfAway();
        return ValueTask.FromResult(_traces.Find(t => t.TraceId == traceId) is { } trace
            ? new TraceDetail(trace.Copy(), [.. Verdicts.Where(v => v.TraceId == traceId)])
            : null);
    }

    private Task<TraceSurroundings> AroundAsync(TraceFilter filter, Cursor place, int count, CancellationToken cancel)
    {
        ThrowIfAway();
        TraceSummary[] list = [.. _traces.Where(filter.Takes).OrderByDescending(t => t.Timestamp).ThenByDescending(t => t.Id).Select(TraceSummary.Of)];
        string here = _traces.Single(t => t.Id == place.Id).TraceId;
        DateTime time = place.Timestamp;
        return Task.FromResult(new TraceSurroundings(
            [.. list.Where(t => t.TraceId != here && t.Timestamp >= time).Reverse().Take(count)],
            [.. list.Where(t => t.TraceId != here && t.Timestamp < time).Take(count)]));
    }

    private void ThrowIfAway()
    {
        if (Away)
        {
            throw new TimeoutException("The database is away.");
        }
    }
}
