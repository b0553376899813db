using System.Text.Json;
using BenchmarkDotNet.Attributes;
using LlmEval.Bench.Baselines;
using LlmEval.Bench.Load;
using LlmEval.Core.Ingestion;

namespace LlmEval.MicroBench;

/// <summary>The product's one pass with all its rules and its content hash, beside the framework's own way to an object.</summary>
[MemoryDiagnoser]
public class ParserBenchmarks
{
    private const int Bodies = 256;
    private const int BatchSize = 100;

    private readonly byte[][] _traces = new byte[Bodies][];
    private byte[] _batch = [];
    private ParseContext _context;

    [GlobalSetup]
    public void SetUp()
    {
        _context = new ParseContext(1, DateTime.UtcNow, Restore: false);
        var bodies = new TraceBodies(Bodies);
        var buffer = new byte[bodies.MaxLength];
        for (int i = 0; i < Bodies; i++)
        {
            int length = bodies.Write(buffer, 0, (ulong)i, 0, "2026-01-27T12:00:00.000Z"u8, out _);
            _traces[i] = buffer[..length];
        }

        using var batch = new MemoryStream();
        batch.Write("{\"source\":\"bench\",\"traces\":["u8);
        for (int i = 0; i < BatchSize; i++)
        {
            batch.Write(i == 0 ? ""u8 : ","u8);
            batch.Write(_traces[i]);
        }

        batch.Write("]}"u8);
        _batch = batch.ToArray();
    }

    [Benchmark(Baseline = true, Description = "System.Text.Json, source-generated, to an object", OperationsPerInvoke = Bodies)]
    public int Bare()
    {
        int length = 0;
        foreach (byte[] trace in _traces)
        {
            length += JsonSerializer.Deserialize(trace, BareJson.Default.BareTrace)!.TraceId.Length;
        }

        return length;
    }

    [Benchmark(Description = "TraceParser", OperationsPerInvoke = Bodies)]
    public int Parse()
    {
        int length = 0;
        foreach (byte[] trace in _traces)
        {
            length += TraceParser.ParseTrace(trace, _context).TraceId!.Length;
        }

        return length;
    }

    [Benchmark(Description = "BatchParser, 100 traces", OperationsPerInvoke = BatchSize)]
    public int ParseBatch() => BatchParser.ParseBatch(_batch, _context).Traces.Count;
}
