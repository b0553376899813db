using Npgsql;

namespace LlmEval.Core.Storage.Postgres;

/// <summary>A server that answers and does not let this process in, as it is configured.</summary>
internal static class PostgresRefusal
{
    /// <returns>Null when it is something else. The words are the server's, which never repeat a password.</returns>
    public static StorageSetupException? Of(Exception e) => e is not PostgresException refused ? null : refused.SqlState[..2] switch
    {
        "28" => new StorageSetupException(
            $"PostgreSQL does not let this server in: {refused.MessageText}. Look at the user and the password in DATABASE_URL; DATABASE_PASSWORD, or the file "
            + "that DATABASE_PASSWORD_FILE names, takes the place of the password there.",
            e),
        "3D" => new StorageSetupException(
            $"PostgreSQL has no such database: {refused.MessageText}. Make it with createdb, or name another one at the end of DATABASE_URL.", e),
        _ => null,
    };
}
