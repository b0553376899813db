using System.Text;
using BenchmarkDotNet.Attributes;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;

namespace LlmEval.MicroBench;

/// <summary>What an event costs in the hub, without network and database.</summary>
[MemoryDiagnoser]
public class HubBenchmarks : IDisposable
{
    private const int Batch = 100;
    private const int Ring = 10_000;

    private readonly EventHub _hub = new(TimeProvider.System);
    private readonly EventHub _full = new(TimeProvider.System);
    private readonly List<LogEvent> _into = [];
    private readonly byte[] _frame = EventFrame.Encode(1, Payload);
    private readonly byte[] _target = new byte[EventFrame.MaxLength(Payload)];
    private EventFeed _feed = null!;
    private long _next = 1;

    private static readonly byte[] Payload = Encoding.UTF8.GetBytes(
        """
        {"event":"trace_updates","data":{"action":"new_trace","trace_id":"d7d271a012b4b6b1-000002e3fb6499d7","model_name":"gpt-4"},
        """
        + """
        "timestamp":"2026-01-27T12:00:00Z"}
        """);

    [GlobalSetup]
    public void SetUp()
    {
        _hub.Start(0);
        _full.Start(0);
        for (long id = 1; id <= Ring; id += Batch)
        {
            _full.Publish(Events(id));
        }

        // Readers stay within the ring, so the log is never asked.
        _feed = new EventFeed(_full, new EventLog(null!));
    }

    [Benchmark(Description = "publish a batch of 100 events", OperationsPerInvoke = Batch)]
    public void Publish()
    {
        _hub.Publish(Events(_next));
        _next += Batch;
    }

    [Benchmark(Description = "read from the ring, unfiltered", OperationsPerInvoke = Ring)]
    public Task<long> Read() => ReadAllAsync(new EventFilter(1));

    [Benchmark(Description = "read from the ring, one model of eight", OperationsPerInvoke = Ring)]
    public Task<long> ReadFiltered() => ReadAllAsync(new EventFilter(1) { ModelNames = ["model-3"] });

    [Benchmark(Description = "encode a frame")]
    public int Encode() => EventFrame.Write(_target, 123_456_789, Payload);

    private async Task<long> ReadAllAsync(EventFilter filter)
    {
        using EventReader reader = _feed.OpenAfter(0, filter);
        long bytes = 0;
        EventRead met;
        do
        {
            met = await reader.ReadAsync(_into, CancellationToken.None);
            foreach (LogEvent e in _into)
            {
                bytes += e.Frame.Length;
            }
        }
        while (met == EventRead.More);
        return bytes;
    }

    private LogEvent[] Events(long first)
    {
        var events = new LogEvent[Batch];
        for (int i = 0; i < Batch; i++)
        {
            events[i] = new LogEvent(first + i, 1, EventAction.NewTrace, "trace", Models[i & 7], EvaluationStatus.Pending, null, _frame);
        }

        return events;
    }

    private static readonly string[] Models = [.. Enumerable.Range(0, 8).Select(i => $"model-{i}")];

    public void Dispose()
    {
        _hub.Dispose();
        _full.Dispose();
        GC.SuppressFinalize(this);
    }
}
