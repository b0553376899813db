using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace LlmEval.Core.Storage;

/// <summary>Tells a database that is away from one that refuses a value.</summary>
public static class Outage
{
    /// <summary>
    /// Whether the same request may succeed later: connection faults, a server that starts or stops, resources that ran out,
    /// lock conflicts, timeouts, a password that was changed meanwhile. Source of the SQLSTATE classes: PostgreSQL manual, appendix A.
    /// </summary>
    public static bool Is(Exception e) => e switch
    {
        // Whatever its code: the session is over, or was never begun, as where a database takes no connections while it is restored.
        PostgresException { InvariantSeverity: "FATAL" or "PANIC" } => true,
        PostgresException p => p.SqlState[..2] is "08" or "53" or "57" or "58" or "40" or "28" or "3D" || p.SqlState is "55P03" or "25006" or "25P03" or "XX000",
        NpgsqlException or SocketException or TimeoutException => true,
        SqliteException s => s.SqliteErrorCode is 5 or 6 or 8 or 10 or 13 or 14 or 15,
        FileNotFoundException or DirectoryNotFoundException => false,
        IOException => true,
        DbUpdateException { InnerException: { } inner } => Is(inner),
        InvalidOperationException { InnerException: { } inner } => Is(inner),
        StorageNotReadyException or OutcomeUnknownException => true,

        // The web server's keys lie in the database.
        CryptographicException { InnerException: { } inner } => Is(inner),
        _ => false,
    };

    /// <summary>What went wrong, for the log: EF Core wraps a connection that failed into "likely due to a transient failure" and no more.</summary>
    public static string Reason(Exception e) =>
        e is DbUpdateException or InvalidOperationException or CryptographicException && e.InnerException is { } inner && Is(inner) ? Reason(inner) : e.Message;
}
