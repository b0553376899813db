using LlmEval.Core.Primitives;

namespace LlmEval.Web.Startup;

/// <summary>Says at the start which settings nobody reads: one that is misspelt would do nothing, without a word.</summary>
internal static partial class UnknownSettings
{
    public static void Warn(IServiceProvider services)
    {
        string[] unknown =
        [
            .. KnownSettings.FindUnknown(services.GetRequiredService<IConfiguration>().GetSection("LlmEval"), [.. services.GetServices<KnownSettings>()]),
        ];
        if (unknown.Length > 0)
        {
            Log(services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(UnknownSettings)), string.Join(", ", unknown));
        }
    }

    [LoggerMessage(331, LogLevel.Warning, "Passed over, as there are no such settings: {Settings}. Those that there are stand in docs/settings.md")]
    private static partial void Log(ILogger logger, string settings);
}
