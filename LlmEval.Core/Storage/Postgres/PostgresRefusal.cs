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
        _ => null,
    };

    private static StorageSetupException NotLetIn(string why, Exception e) => new(
        $"PostgreSQL does not let this server in: {why}. Look at the user and the password in DATABASE_URL; DATABASE_PASSWORD, or the file "
        + "that DATABASE_PASSWORD_FILE names, takes the place of the password there.",
        e);
}
