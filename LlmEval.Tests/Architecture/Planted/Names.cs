using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Architecture.Planted;

internal sealed class TraceManager;

internal sealed class ForgottenOptions;

internal sealed class CheckedOptions;

internal static class Registers
{
    public static void Add(IServiceCollection services)
    {
        services.AddOptions<ForgottenOptions>();
        services.AddOptions<CheckedOptions>().ValidateOnStart();
    }
}
