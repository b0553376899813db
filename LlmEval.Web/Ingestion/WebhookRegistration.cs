using LlmEval.Core.Primitives;
namespace LlmEval.Web.Ingestion;

internal static class WebhookRegistration
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<WebhookOptions>(configuration, "LlmEval:Webhooks")
            .Validate(
                o => o.HasRoomForOne,
                "LlmEval:Webhooks:MaxBytesInFlight has to be at least four times the larger of MaxTraceBytes and MaxBatchBytes: a body is held as it was sent and unpacked");
        services.AddSingleton<BodyBudget>();
        services.AddSingleton<UnprovenBodies>();
        return services;
    }
}
