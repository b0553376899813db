using LlmEval.Core.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Core.Writing;

public static class WritingRegistration
{
    public static IServiceCollection AddWriting(this IServiceCollection services, IConfiguration configuration)
    {
        if (StorageRegistration.UsesPostgres(configuration))
        {
            services.AddSingleton<ITraceStore, PostgresTraceStore>();
        }
        else
        {
            services.AddSingleton<ITraceStore, SqliteTraceStore>();
        }

        services.AddHostedService<MessageSweepLoop>();
        return services;
    }
}
