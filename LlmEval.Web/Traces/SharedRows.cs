using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using LlmEval.Core.Traces;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace LlmEval.Web.Traces;

/// <summary>
/// The cells of rows, drawn once for all circuits that show them alike: a hundred live lists take the same fifty traces a second, and
/// each would make the same sixty frames of every one. Drawn by the framework from a component, so that texts are encoded as on any page.
/// </summary>
public sealed class SharedRows : IDisposable
{
    /// <summary>Circuits come to a new trace within half a second of each other; what they show already they hold themselves.</summary>
    private const int Kept = 256;

    private readonly ServiceProvider _services;
    private readonly ILoggerFactory _loggers;
    private readonly Lock _lock = new();
    private readonly Dictionary<Row, RenderFragment> _known = new(Kept);
    private readonly Queue<Row> _oldest = new(Kept);

    public SharedRows(ILoggerFactory loggers)
    {
        _loggers = loggers;

        // The usual encoder writes every letter beyond ASCII in eight.
        _services = new ServiceCollection().AddSingleton(HtmlEncoder.Create(UnicodeRanges.All)).BuildServiceProvider();
    }

    /// <param name="trace">The same object for all who are to share it.</param>
    /// <param name="look">What decides how the cells look, the rest is worked out from it.</param>
    public RenderFragment CellsOf(TraceSummary trace, RowLook look, TracesAddress list, IReadOnlyList<string> words, ViewerTime time)
    {
        var row = new Row(trace, look);
        lock (_lock)
        {
            if (!_known.TryGetValue(row, out RenderFragment? cells))
            {
                // Not outside the lock: whoever comes second waits for less than it would take them.
                var drawn = new MarkupString(Draw(new()
                {
                    [nameof(TraceCells.Trace)] = trace,
                    [nameof(TraceCells.Href)] = look.Links.To(trace.TraceId),
                    [nameof(TraceCells.Columns)] = list.Columns,
                    [nameof(TraceCells.Words)] = words,
                    [nameof(TraceCells.Time)] = time,
                }));
                cells = builder => builder.AddContent(0, drawn);
                if (_oldest.Count == Kept)
                {
                    _known.Remove(_oldest.Dequeue());
                }

                _known.Add(row, cells);
                _oldest.Enqueue(row);
            }

            return cells;
        }
    }

    private string Draw(Dictionary<string, object?> cells)
    {
        using var renderer = new HtmlRenderer(_services, _loggers);

        // Complete when it returns: the component awaits nothing, and nobody else uses this dispatcher.
        return renderer.Dispatcher.InvokeAsync(() =>
            renderer.BeginRenderingComponent<TraceCells>(ParameterView.FromDictionary(cells)).ToHtmlString()).GetAwaiter().GetResult();
    }

    public void Dispose() => _services.Dispose();

    /// <summary>Traces are told apart as objects: a change makes a new one.</summary>
    private readonly record struct Row(TraceSummary Trace, RowLook Look)
    {
        public bool Equals(Row other) => ReferenceEquals(Trace, other.Trace) && Look == other.Look;

        public override int GetHashCode() => RuntimeHelpers.GetHashCode(Trace);
    }
}
