using Microsoft.Extensions.Configuration.Memory;

namespace LlmEval.Web.Startup;

/// <summary><c>NAME_FILE</c> names a file that holds the value of <c>NAME</c>, as containers are given their secrets.</summary>
internal static class SettingFiles
{
    private const string Suffix = "_FILE";

    private static readonly string[] Names = ["DATABASE_URL", "DATABASE_PASSWORD", "REDIS_URL", "REDIS_PASSWORD", "WEBHOOK_SECRET"];

    /// <exception cref="SettingFileException"/>
    public static void AddSettingFiles(this IConfigurationManager configuration)
    {
        var values = new Dictionary<string, string?>();
        foreach (string name in Names)
        {
            if (configuration[name + Suffix] is { Length: > 0 } file)
            {
                values[name] = Read(configuration, name, file);
            }
        }

        configuration.Sources.Add(new MemoryConfigurationSource { InitialData = values });
    }

    private static string Read(IConfiguration configuration, string name, string file)
    {
        if (configuration[name] is { Length: > 0 })
        {
            throw new SettingFileException($"{name} and {name}{Suffix} are both set. Leave one out.");
        }

        try
        {
            // Editors end a file with a line break.
            return File.ReadAllText(file).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingFileException($"{name}{Suffix} names {file}, which cannot be read: {e.Message}");
        }
    }
}

/// <summary>A file with a setting cannot be used; the message says which.</summary>
internal sealed class SettingFileException(string message) : Exception(message);
