using LlmEval.Core.Rollups;
using LlmEval.Core.Traces;

namespace LlmEval.Core.Writing;

/// <summary>Adds up what a transaction changes in the figures, one entry per project, minute and model.</summary>
internal sealed class RollupDeltas
{
    private readonly Dictionary<(int Project, DateTime Minute, string Model), Entry> _entries = [];

    public void Add(Trace trace) => Count(trace, 1);

    public void Subtract(Trace trace) => Count(trace, -1);

    /// <summary>The rows to insert.</summary>
    public RollupDelta[] ToRows()
    {
        var rows = new RollupDelta[_entries.Count];
        int at = 0;
        foreach (Entry entry in _entries.Values)
        {
            entry.Delta.Histogram = entry.Histogram.Pack();
            rows[at++] = entry.Delta;
        }

        return rows;
    }

    private void Count(Trace trace, int times)
    {
        DateTime minute = RollupGrain.Minute.Floor(trace.Timestamp);
        var key = (trace.ProjectId, minute, trace.ModelName);
        if (!_entries.TryGetValue(key, out Entry? entry))
        {
            var delta = new RollupDelta { ProjectId = trace.ProjectId, Minute = minute, ModelName = trace.ModelName };
            _entries.Add(key, entry = new Entry(delta, new Histogram()));
        }

        Figures figures = entry.Delta;
        figures.Count(trace.Status, times);
        figures.Errors += trace.HasError ? times : 0;
        figures.TokensUsed += times * (trace.TokensUsed ?? 0);
        figures.PromptTokens += times * (trace.PromptTokens ?? 0);
        figures.CompletionTokens += times * (trace.CompletionTokens ?? 0);
        figures.Cost += times * (trace.Cost ?? 0);
        if (trace.ResponseTimeMs is { } milliseconds)
        {
            figures.ResponseTimes += times;
            figures.ResponseTimeMs += times * decimal.Round((decimal)milliseconds, 6);
            entry.Histogram.Add(milliseconds, times);
        }
    }

    private sealed record Entry(RollupDelta Delta, Histogram Histogram);
}
