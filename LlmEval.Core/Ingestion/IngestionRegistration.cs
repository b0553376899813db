using LlmEval.Core.Primitives;
using LlmEval.Core.Writing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Core.Ingestion;

public static class IngestionRegistration
{
    public static IServiceCollection AddIngestion(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<IngestionOptions>(configuration, "LlmEval:Ingestion");
        services.AddSingleton<IngestionQueue>();
        services.AddSingleton<IngestionMetrics>();
        services.AddSingleton<WebhookMetrics>();
        services.AddSingleton<TraceBatchWriter>();
        services.AddSingleton<MessageBatchWriter>();
        services.AddHostedService<IngestionWriter>();
        return services;
    }
}
