using LlmEval.Core.Access;
using LlmEval.Core.Monitoring;
using LlmEval.Core.Primitives;
using LlmEval.Web.Access;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LlmEval.Web.Monitoring;

/// <summary>Hands the instruments to whoever wants them: Prometheus at <c>/metrics</c>, and a collector that OTEL_* variables name.</summary>
internal static class Telemetry
{
    /// <summary>Besides our own: circuits, connections, garbage collection and memory, the connections to PostgreSQL.</summary>
    private static readonly string[] Meters =
        [LlmEvalMeter.Name, "Microsoft.AspNetCore.Components.Server.Circuits", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Npgsql"];

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        bool prometheus = IsPrometheusOn(builder.Configuration);
        bool pushMetrics = IsPushed(builder.Configuration, "METRICS");
        bool pushTraces = IsPushed(builder.Configuration, "TRACES");
        if (!prometheus && !pushMetrics && !pushTraces)
        {
            return;
        }

        OpenTelemetry.OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry();
        builder.Services.ConfigureOpenTelemetryMeterProvider((services, provider) => provider.ConfigureResource(Describe(services)));
        builder.Services.ConfigureOpenTelemetryTracerProvider((services, provider) => provider.ConfigureResource(Describe(services)));
        if (prometheus || pushMetrics)
        {
            telemetry.WithMetrics(metrics =>
            {
                metrics.AddMeter(Meters);
                _ = prometheus ? metrics.AddPrometheusExporter() : metrics;
                _ = pushMetrics ? metrics.AddOtlpExporter() : metrics;
            });
        }

        if (pushTraces)
        {
            telemetry.WithTracing(traces => traces.AddAspNetCoreInstrumentation().AddOtlpExporter());
        }
    }

    public static void MapTelemetry(this WebApplication app)
    {
        if (IsPrometheusOn(app.Configuration))
        {
            app.MapPrometheusScrapingEndpoint("/metrics").WithMetadata(new HttpMethodMetadata([HttpMethods.Get])).Needs(Rights.Read);
        }
    }

    private static bool IsPrometheusOn(IConfiguration configuration) =>
        (configuration.GetSection("LlmEval:Monitoring").Get<MonitoringOptions>() ?? new MonitoringOptions()).Prometheus;

    /// <summary>The exporter would otherwise send to a collector on this machine, which most have not.</summary>
    private static bool IsPushed(IConfiguration configuration, string signal) =>
        !string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase)
        && configuration[$"OTEL_{signal}_EXPORTER"] != "none"
        && (configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"]) is { Length: > 0 };

    /// <summary>What the environment says of the service comes first.</summary>
    private static Action<ResourceBuilder> Describe(IServiceProvider services) => resource => resource
        .AddService("llmeval", serviceInstanceId: services.GetRequiredService<IOptions<MonitoringOptions>>().Value.Replica)
        .AddEnvironmentVariableDetector();
}
