namespace LlmEval.Web.Ingestion;

internal static class WebhookRegistration
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<WebhookOptions>()
            .Bind(configuration.GetSection("LlmEval:Webhooks"))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        return services;
    }
}
