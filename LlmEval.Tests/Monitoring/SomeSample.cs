using LlmEval.Core.Ingestion;
using LlmEval.Core.Monitoring;
using LlmEval.Core.Rollups;

namespace LlmEval.Tests.Monitoring;

/// <summary>Builds samples of a process.</summary>
internal static class SomeSample
{
    public static readonly Dependencies Well = new(null, null, null, 0, TimeSpan.Zero, null);

    /// <param name="at">Its end; it is a second long.</param>
    /// <param name="ok">Requests that went well, one trace each.</param>
    /// <param name="totalMs">How long each of them took.</param>
    public static ProcessSample At(
        DateTime at, int ok = 0, int invalid = 0, double totalMs = 10, int hits = 0, int misses = 0, int streams = 0, Dependencies? dependencies = null)
    {
        long[] requests = new long[WebhookMetrics.Names.Count];
        requests[(int)WebhookOutcome.Ok] = ok;
        requests[(int)WebhookOutcome.Invalid] = invalid;
        var times = new Histogram();
        if (ok > 0)
        {
            times.Add(totalMs, ok);
        }

        return new ProcessSample(
            at, TimeSpan.FromSeconds(1), ok, requests, [[], [], [], times.Pack()], hits, misses, streams, Circuits: 0, QueueTraces: 0, dependencies ?? Well);
    }
}
