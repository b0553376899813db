using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Core.Traces;

public static class TraceRegistration
{
    /// <summary>Adds the reading of traces. Needs the storage and the search.</summary>
    public static IServiceCollection AddTraces(this IServiceCollection services) => services.AddSingleton<TraceQueries>();
}
