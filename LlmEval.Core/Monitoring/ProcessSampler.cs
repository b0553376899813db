using LlmEval.Core.Caching;
using LlmEval.Core.Events;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Primitives;
using LlmEval.Core.Rollups;
using Microsoft.Extensions.Hosting;

namespace LlmEval.Core.Monitoring;

/// <summary>Takes a sample of the process once a second. It only reads counters: nothing on the way of a trace waits for it.</summary>
internal sealed class ProcessSampler(
    IngestionMetrics ingestion,
    WebhookMetrics webhooks,
    CacheMetrics cache,
    ReaderMetrics readers,
    IngestionQueue queue,
    DependencyProbe probe,
    ProcessHistory history,
    TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private Counts? _last;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Sample();
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Sample();
        }
    }

    internal void Sample()
    {
        Counts now = Read();
        if (_last is { } last)
        {
            history.Add(new ProcessSample(
                time.UtcNow(),
                time.GetElapsedTime(last.At, now.At),
                now.Traces - last.Traces,
                [.. now.Requests.Zip(last.Requests, (a, b) => a - b)],
                [.. now.Times.Zip(last.Times, Difference)],
                now.CacheHits - last.CacheHits,
                now.CacheMisses - last.CacheMisses,
                readers.Streams,
                readers.Circuits,
                queue.Depth,
                probe.Found));
        }

        _last = now;
    }

    private Counts Read() => new(
        time.GetTimestamp(),
        ingestion.Stored,
        webhooks.Read(),
        [.. Enum.GetValues<IngestionStage>().Select(ingestion.ReadTimes)],
        cache.Hits,
        cache.Misses);

    private static byte[] Difference(long[] now, long[] last)
    {
        var histogram = new Histogram();
        for (int i = 0; i < now.Length; i++)
        {
            if (now[i] > last[i])
            {
                histogram.Add(Histogram.ValueOf(i), now[i] - last[i]);
            }
        }

        return histogram.Pack();
    }

    /// <summary>Everything since the start.</summary>
    private sealed record Counts(long At, long Traces, long[] Requests, long[][] Times, long CacheHits, long CacheMisses);
}
