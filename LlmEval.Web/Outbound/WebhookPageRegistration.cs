namespace LlmEval.Web.Outbound;

public static class WebhookPageRegistration
{
    public static IServiceCollection AddWebhookPage(this IServiceCollection services) => services.AddScoped<WebhookDesk>();
}
