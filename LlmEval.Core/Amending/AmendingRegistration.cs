using LlmEval.Core.Traces;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LlmEval.Core.Amending;

public static class AmendingRegistration
{
    /// <summary>Adds the ways to change stored traces. Needs the writing, the events and the cache.</summary>
    public static IServiceCollection AddAmending(this IServiceCollection services)
    {
        services.TryAddSingleton<TraceDetailQueries>();
        services.AddSingleton<ChangeTrace>();
        services.AddSingleton<AmendTrace>();
        services.AddSingleton<DeleteTrace>();
        return services;
    }
}
