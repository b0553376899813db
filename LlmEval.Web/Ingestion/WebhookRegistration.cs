using LlmEval.Core.Primitives;
namespace LlmEval.Web.Ingestion;

internal static class WebhookRegistration
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<WebhookOptions>(configuration, "LlmEval:Webhooks")
            .Validate(
                o => o.HasRoomForOne,
                "LlmEval:Webhooks:MaxBytesInFlight (without it, eight times the larger of MaxTraceBytes and MaxBatchBytes) has to be at least six times each of them "
                + "and MaxImportItemBytes, and four times MaxRestoredItemBytes, or there would never be room for one of them");
        services.AddSingleton<BodyBudget>();
        services.AddSingleton<BodyShares>();
        return services;
    }
}
