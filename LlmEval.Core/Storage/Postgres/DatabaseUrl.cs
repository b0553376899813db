using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace LlmEval.Core.Storage.Postgres;

/// <summary>Reads <c>postgresql://user:password@host:port/database?option=value</c> (libpq's form) for Npgsql.</summary>
internal static class DatabaseUrl
{
    private static readonly Dictionary<string, string> Renamed = new(StringComparer.OrdinalIgnoreCase)
    {
        ["sslmode"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
        ["gssencmode"] = "GSS Encryption Mode",
        ["connect_timeout"] = "Timeout",
        ["application_name"] = "Application Name",
        ["options"] = "Options",
        ["host"] = "Host",
        ["target_session_attrs"] = "Target Session Attributes",
    };

    public static bool TryParse(
        string url,
        [NotNullWhen(true)] out NpgsqlConnectionStringBuilder? settings,
        [NotNullWhen(false)] out string? fault)
    {
        settings = null;
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("postgresql" or "postgres"))
        {
            fault = "is not an address that begins with postgresql://";
            return false;
        }

        string database = Uri.UnescapeDataString(uri.AbsolutePath.Trim('/'));
        if (database.Length == 0)
        {
            fault = "names no database";
            return false;
        }

        string[] login = uri.UserInfo.Split(':', 2);
        var result = new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host.Length == 0 ? "localhost" : uri.Host.Trim('[', ']'),
            Port = uri.Port > 0 ? uri.Port : 5432,
            Database = database,
            Username = login[0].Length > 0 ? Uri.UnescapeDataString(login[0]) : null,
            Password = login.Length > 1 ? Uri.UnescapeDataString(login[1]) : null,
        };

        foreach (string pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = pair.Split('=', 2);
            string key = Uri.UnescapeDataString(parts[0]);
            string value = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "";
            try
            {
                result[Renamed.GetValueOrDefault(key, key)] = key.Equals("sslmode", StringComparison.OrdinalIgnoreCase) ? value.Replace("-", "") : value;
            }
            catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException)
            {
                fault = $"has the option {key}={value}, which is not understood";
                return false;
            }
        }

        settings = result;
        fault = null;
        return true;
    }
}
