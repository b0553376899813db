using LlmEval.Core.Alerts;
using LlmEval.Core.Caching;
using LlmEval.Core.Events;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Monitoring;
using LlmEval.Core.Rollups;
using LlmEval.Core.Search;
using LlmEval.Core.Traces;
using LlmEval.Core.Writing;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Alerts;

/// <summary>What alerts need, on a database: every part, but none of the loops. The test does what they would.</summary>
internal static class AlertCore
{
    public static Task<TestCore> StartAsync(DatabaseKind kind, FakeTimeProvider? time = null) => TestCore.StartAsync(kind, (services, configuration) =>
    {
        ServiceDescriptor[] before = [.. services];
        services.AddEvents(configuration).AddWriting(configuration).AddIngestion(configuration).AddRollups().AddSearch(configuration).AddTraces()
            .AddCaching(configuration).AddProcessHistory(configuration).AddAlerts(configuration);
        foreach (ServiceDescriptor hosted in services.Where(s => s.ServiceType == typeof(IHostedService)).Except(before).ToList())
        {
            services.Remove(hosted);
        }

        if (time is not null)
        {
            services.AddSingleton<TimeProvider>(time);
        }
    });

    public static Alert Raised(AlertRule rule, double value, DateTime? at = null) => new()
    {
        Id = Guid.CreateVersion7(),
        ProjectId = rule.ProjectId,
        RuleKey = rule.Key,
        Name = rule.Name,
        Measure = rule.Measure,
        Replica = "",
        Threshold = rule.Threshold,
        Value = value,
        RaisedAt = at ?? SomeTrace.Now,
        SeenAt = at ?? SomeTrace.Now,
    };
}
