using System.Security.Authentication;
using System.Security.Cryptography;
using Npgsql;

namespace LlmEval.Core.Storage.Postgres;

/// <summary>A server that answers and does not let this process in, as it is configured.</summary>
internal static class PostgresRefusal
{
    /// <returns>Null when it is something else. The words are the server's, which never repeat a password.</returns>
    public static StorageSetupException? Of(Exception e) => e switch
    {
        PostgresException { SqlState: ['2', '8', ..] } refused => NotLetIn(refused.MessageText, e),
        PostgresException { SqlState: ['3', 'D', ..] } refused => new StorageSetupException(
            $"PostgreSQL has no such database: {refused.MessageText}. Make it with createdb, or name another one at the end of DATABASE_URL.", e),

        // Npgsql finds this before PostgreSQL can say it, and gives it no code.
        NpgsqlException when e.Message.StartsWith("No password has been provided", StringComparison.Ordinal) => NotLetIn("it asks for a password, and there is none", e),
        NpgsqlException when e.Message.StartsWith("SSL connection requested", StringComparison.Ordinal) => new StorageSetupException(
            "DATABASE_URL demands encryption by sslmode, and PostgreSQL offers none. Turn ssl on there; or write sslmode=prefer, where nobody can listen in between.", e),
        NpgsqlException { InnerException: { } inner } when IsOfCertificate(inner) => new StorageSetupException(
            $"The certificate of PostgreSQL could not be verified: {inner.Message} Look at sslmode and sslrootcert in DATABASE_URL: verify-full wants one for the host that is named "
            + "there, verify-ca any that is signed by an authority of this machine or of the file sslrootcert; require verifies none.",
            e),
        _ => null,
    };

    private static bool IsOfCertificate(Exception e) =>
        e is AuthenticationException or CryptographicException or FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException;

    private static StorageSetupException NotLetIn(string why, Exception e) => new(
        $"PostgreSQL does not let this server in: {why}. Look at the user and the password in DATABASE_URL; DATABASE_PASSWORD, or the file "
        + "that DATABASE_PASSWORD_FILE names, takes the place of the password there.",
        e);
}
