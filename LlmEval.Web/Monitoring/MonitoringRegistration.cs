using LlmEval.Core.Monitoring;

namespace LlmEval.Web.Monitoring;

public static class MonitoringRegistration
{
    public static WebApplicationBuilder AddMonitoring(this WebApplicationBuilder builder)
    {
        builder.Services.AddProcessHistory(builder.Configuration);
        builder.AddTelemetry();
        builder.AddJsonLog();
        return builder;
    }

    /// <summary>Maps <c>/metrics</c>, unless it is switched off.</summary>
    public static WebApplication MapMonitoring(this WebApplication app)
    {
        app.MapTelemetry();
        return app;
    }
}
