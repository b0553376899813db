using LlmEval.Core.Primitives;
namespace LlmEval.Web.Ingestion;

internal static class WebhookRegistration
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<WebhookOptions>(configuration, "LlmEval:Webhooks")
            .Validate(
                o => o.HasRoomForOne,
                "LlmEval:Webhooks:MaxBytesInFlight (without it, eight times the larger of MaxTraceBytes and MaxBatchBytes) has to be at least five times each of them "
                + "and four times each of MaxImportItemBytes and MaxRestoredItemBytes, or there would never be room for one of them");
        services.AddSingleton<BodyBudget>();
        services.AddSingleton<BodyShares>();
        return services;
    }
}
