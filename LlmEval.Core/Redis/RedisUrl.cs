using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using StackExchange.Redis;

namespace LlmEval.Core.Redis;

/// <summary>Reads <c>redis://[user:password@]host[:port][/database]</c> and <c>rediss://</c>.</summary>
internal static class RedisUrl
{
    private const int DefaultPort = 6379;

    /// <param name="fault">Completes a sentence that begins with the setting's name; never holds a password.</param>
    public static bool TryParse(
        string url,
        [NotNullWhen(true)] out ConfigurationOptions? settings,
        [NotNullWhen(false)] out string? fault)
    {
        settings = null;
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("redis" or "rediss") || uri.Host.Length == 0)
        {
            fault = "is not an address that begins with redis:// or rediss://";
            return false;
        }

        int? database = null;
        string path = uri.AbsolutePath.Trim('/');
        if (path.Length > 0)
        {
            if (!int.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                fault = $"names the database {path}, which is not a number";
                return false;
            }

            database = number;
        }

        // redis://secret@host and redis://:secret@host both mean a password without a user.
        string[] login = uri.UserInfo.Split(':', 2);
        string host = uri.Host.Trim('[', ']');
        bool tls = uri.Scheme == "rediss";
        settings = new ConfigurationOptions
        {
            EndPoints = { { host, uri.Port > 0 ? uri.Port : DefaultPort } },
            User = login is [{ Length: > 0 }, _] ? Uri.UnescapeDataString(login[0]) : null,
            Password = login[^1].Length > 0 ? Uri.UnescapeDataString(login[^1]) : null,
            DefaultDatabase = database,
            Ssl = tls,
            SslHost = tls ? host : null,
        };
        fault = null;
        return true;
    }
}
