using System.Diagnostics.Metrics;
using LlmEval.Core.Primitives;

namespace LlmEval.Core.Events;

/// <summary>The streams that there are.</summary>
public enum StreamKind : byte
{
    Events,
    Traces,
    Metrics,
}

/// <summary>Counts who is connected to follow what happens: streams, and pages in a browser.</summary>
public sealed class ReaderMetrics
{
    private static readonly string[] Names = ["events", "traces", "metrics"];

    private readonly int[] _streams = new int[Names.Length];
    private int _circuits;

    public ReaderMetrics(IMeterFactory meters)
    {
        Meter meter = meters.CreateLlmEval();
        meter.CreateObservableUpDownCounter("llmeval.streams.open", ObserveStreams, unit: "{stream}", description: "Open event streams, by kind.");
        meter.CreateObservableUpDownCounter("llmeval.circuits.open", () => Circuits, unit: "{circuit}", description: "Pages that are open in browsers.");
    }

    public int Streams => _streams.Sum();

    public int Circuits => Volatile.Read(ref _circuits);

    /// <summary>Counts a stream until disposed.</summary>
    public IDisposable EnterStream(StreamKind kind) => new Entered(this, (int)kind);

    public void EnterCircuit() => Interlocked.Increment(ref _circuits);

    public void LeaveCircuit() => Interlocked.Decrement(ref _circuits);

    private IEnumerable<Measurement<int>> ObserveStreams() =>
        _streams.Select((open, i) => new Measurement<int>(open, new KeyValuePair<string, object?>("stream", Names[i])));

    private sealed class Entered : IDisposable
    {
        private readonly int _kind;
        private ReaderMetrics? _metrics;

        public Entered(ReaderMetrics metrics, int kind)
        {
            (_metrics, _kind) = (metrics, kind);
            Interlocked.Increment(ref metrics._streams[kind]);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _metrics, null) is { } metrics)
            {
                Interlocked.Decrement(ref metrics._streams[_kind]);
            }
        }
    }
}
