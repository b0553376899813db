using LlmEval.Core.Events;
using LlmEval.Core.Metrics;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Web.Access;
using LlmEval.Web.Problems;

namespace LlmEval.Web.Streaming;

/// <summary>Sends a project's figures at once and then at an interval.</summary>
internal static class MetricsStream
{
    public static Task RunAsync(HttpContext context, StreamHost host, SharedStats stats, EventHub hub, TimeProvider time)
    {
        var query = new StreamQuery(context.Request.Query, StreamQuery.Interval);
        string clientId = query.ClientId();
        TimeSpan interval = TimeSpan.FromSeconds(query.Number("interval", byDefault: 5, least: 1, most: 3_600));
        if (query.Faults.Count > 0)
        {
            return Problem.BadRequest("The query of the stream is wrong.", query.Faults).WriteAsync(context);
        }

        int project = CurrentProject.Of(context);
        return host.RunUntilEndAsync(context, StreamKind.Metrics, async (stream, end) =>
        {
            stream.WriteRetry(StreamHost.Retry);
            stream.WriteEvent(hub.Head, StreamEnvelope.Connected(clientId, time.UtcNow()).Span);
            while (true)
            {
                await WriteFiguresAsync(stream, stats, hub, project, host.Heartbeat, time, end);
                await stream.FlushAsync();
                for (TimeSpan left = interval; left > TimeSpan.Zero; left -= host.Heartbeat)
                {
                    await Task.Delay(left < host.Heartbeat ? left : host.Heartbeat, time, end);
                    if (left > host.Heartbeat)
                    {
                        stream.WriteHeartbeat(hub.Head);
                        await stream.FlushAsync();
                    }
                }
            }
        });
    }

    private static async Task WriteFiguresAsync(
        EventStream stream, SharedStats shared, EventHub hub, int project, TimeSpan heartbeat, TimeProvider time, CancellationToken end)
    {
        Stats stats;
        try
        {
            Task<Stats> reading = shared.ReadAsync(project, end);
            while (!reading.IsCompleted)
            {
                // A database that stands still is found out only after a while.
                using var rest = CancellationTokenSource.CreateLinkedTokenSource(end);
                bool isLate = await Task.WhenAny(reading, Task.Delay(heartbeat, time, rest.Token)) != reading;
                await rest.CancelAsync();
                if (isLate && !end.IsCancellationRequested)
                {
                    stream.WriteHeartbeat(hub.Head);
                    await stream.FlushAsync();
                }
            }

            stats = await reading;
        }
        catch (Exception e) when (Outage.Is(e) && !end.IsCancellationRequested)
        {
            // The database is away: stay silent but alive, the next interval tries again.
            stream.WriteHeartbeat(hub.Head);
            return;
        }

        ReadOnlyMemory<byte> json = StreamEnvelope.Encode("metrics_update", stats.At, stats, static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("total_traces"u8, s.Total.Traces);
            writer.WriteNumber("accepted_traces"u8, s.Total.Accepted);
            writer.WriteNumber("rejected_traces"u8, s.Total.Rejected);
            writer.WriteNumber("pending_traces"u8, s.Unjudged);
            writer.WriteNumber("avg_response_time"u8, s.AverageResponseTimeMs);
            writer.WriteNumber("total_cost"u8, s.Total.Cost);
            writer.WriteNumber("today_traces"u8, s.TodayTraces);
            writer.WriteNumber("acceptance_rate"u8, s.AcceptanceRate);
            writer.WriteEndObject();
        });
        stream.WriteEvent(id: null, json.Span);
    }
}
