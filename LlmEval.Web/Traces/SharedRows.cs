using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using LlmEval.Core.Traces;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace LlmEval.Web.Traces;

/// <summary>
/// Rows, drawn once for all circuits that show them alike: a hundred live lists take the same fifty traces a second, and each would
/// make the same sixty frames of every one. Drawn by the framework from components, so that texts are encoded as on any page.
/// </summary>
public sealed class SharedRows : IDisposable
{
    /// <summary>Circuits come to a new trace within half a second of each other; what they show already they hold themselves.</summary>
    private const int Kept = 256;

    private readonly ServiceProvider _services;
    private readonly ILoggerFactory _loggers;
    private readonly Lock _lock = new();
    private readonly Dictionary<Place, SharedRow> _known = new(Kept);
    private readonly Queue<Place> _oldest = new(Kept);

    public SharedRows(ILoggerFactory loggers)
    {
        _loggers = loggers;

        // The usual encoder writes every letter beyond ASCII in eight.
        _services = new ServiceCollection().AddSingleton(HtmlEncoder.Create(UnicodeRanges.All)).BuildServiceProvider();
    }

    /// <param name="trace">The same object for all who are to share it.</param>
    /// <param name="time">Of a viewer whom the look describes. Not kept, as it belongs to a circuit.</param>
    public SharedRow Find(TraceSummary trace, RowLook look, ViewerTime time)
    {
        var place = new Place(trace, look);
        lock (_lock)
        {
            if (!_known.TryGetValue(place, out SharedRow? row))
            {
                // Not outside the lock: whoever comes second waits for less than it would take them.
                row = new SharedRow(
                    look,
                    $"Select: {trace.UserQuery}",
                    Cells(Draw<TalkCells>(new()
                    {
                        [nameof(TalkCells.Trace)] = trace,
                        [nameof(TalkCells.Columns)] = look.Columns,
                        [nameof(TalkCells.Href)] = look.Links.To(trace.TraceId),
                        [nameof(TalkCells.Words)] = look.Words,
                        [nameof(TalkCells.Time)] = time,
                    })),
                    Cells(Draw<FactCells>(new() { [nameof(FactCells.Trace)] = trace, [nameof(FactCells.Columns)] = look.Columns })));
                Keep(place, row);
            }

            return row;
        }
    }

    private void Keep(Place place, SharedRow row)
    {
        if (_oldest.Count == Kept)
        {
            _known.Remove(_oldest.Dequeue());
        }

        _known.Add(place, row);
        _oldest.Enqueue(place);
    }

    private string Draw<TCells>(Dictionary<string, object?> parameters)
        where TCells : IComponent
    {
        using var renderer = new HtmlRenderer(_services, _loggers);

        // Complete when it returns: the component awaits nothing, and nobody else uses this dispatcher.
        return renderer.Dispatcher.InvokeAsync(() =>
            renderer.BeginRenderingComponent<TCells>(ParameterView.FromDictionary(parameters)).ToHtmlString()).GetAwaiter().GetResult();
    }

    // Not where it is drawn: what is kept would keep the renderer.
    private static RenderFragment Cells(string drawn)
    {
        var cells = new MarkupString(drawn);
        return builder => builder.AddContent(0, cells);
    }

    public void Dispose() => _services.Dispose();

    /// <summary>Traces are told apart as objects: a change makes a new one.</summary>
    private readonly record struct Place(TraceSummary Trace, RowLook Look)
    {
        public bool Equals(Place other) => ReferenceEquals(Trace, other.Trace) && Look == other.Look;

        public override int GetHashCode() => RuntimeHelpers.GetHashCode(Trace);
    }
}
