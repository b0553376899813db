namespace LlmEval.Web.Streaming;

public static class StreamingRegistration
{
    public static IServiceCollection AddStreaming(this IServiceCollection services)
    {
        services.AddSingleton<StreamHost>();
        services.AddSingleton<SharedStats>();
        return services;
    }
}
