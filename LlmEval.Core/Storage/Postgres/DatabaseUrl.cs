using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Npgsql;

namespace LlmEval.Core.Storage.Postgres;

/// <summary>Reads <c>postgresql://user:password@host:port/database?option=value</c> (libpq's form) for Npgsql.</summary>
internal static partial class DatabaseUrl
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
        if (!Scheme().IsMatch(url))
        {
            fault = "is not an address that begins with postgresql://";
            return false;
        }

        // A folder with a socket is named in the query, and libpq's form has no host then; beside a user, Uri insists on one.
        if (!Uri.TryCreate(NoHost().Replace(url, "$0localhost"), UriKind.Absolute, out Uri? uri))
        {
            fault = "cannot be read. Signs in user and password are written as %40 for @, %3A for :, %2F for /, %3F for ?, %23 for # and %25 for %, "
                + "or DATABASE_PASSWORD holds the password as it is; a port has up to 65535; a folder with a socket comes as ?host=/folder";
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
                // The value of an option that is not known may be a secret.
                fault = Renamed.ContainsKey(key)
                    ? $"has the option {key}={value}, which is not understood"
                    : $"has the option {key}, which is not known or has a value that is not understood";
                return false;
            }
        }

        settings = result;
        fault = null;
        return true;
    }

    [GeneratedRegex("^postgres(ql)?://", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Scheme();

    [GeneratedRegex("^[a-z]+://[^/?#@]*@(?=[:/?])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NoHost();
}
