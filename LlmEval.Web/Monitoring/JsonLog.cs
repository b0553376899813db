using System.Diagnostics;
using LlmEval.Core.Monitoring;

namespace LlmEval.Web.Monitoring;

/// <summary>Writes the log as JSON, one object a line, with the ids of the trace that the request belongs to.</summary>
internal static class JsonLog
{
    public static void AddJsonLog(this WebApplicationBuilder builder)
    {
        if (builder.Configuration.GetSection("LlmEval:Monitoring").Get<MonitoringOptions>() is not { JsonLog: true })
        {
            return;
        }

        builder.Logging.AddJsonConsole(json =>
        {
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
            json.IncludeScopes = true;
        });
        builder.Logging.Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        builder.Services.AddHostedService<RequestIds>();
    }

    /// <summary>Has every request carry the ids of its trace, its caller's if it names one; without a listener there would be none.</summary>
    private sealed class RequestIds : IHostedService
    {
        private readonly ActivityListener _listener = new()
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
        };

        public Task StartAsync(CancellationToken cancellationToken)
        {
            ActivitySource.AddActivityListener(_listener);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            _listener.Dispose();
            return Task.CompletedTask;
        }
    }
}
