using System.ComponentModel.DataAnnotations;

namespace LlmEval.Core.Storage;

/// <summary>Where the data lies. Section <c>LlmEval</c>, but for <c>DATABASE_URL</c>.</summary>
public sealed class StorageOptions
{
    /// <summary>
    /// <c>DATABASE_URL</c>: <c>postgresql://user:password@host:port/database?sslmode=…</c>. Without it everything lies in an
    /// SQLite file in <see cref="DataFolder"/>.
    /// </summary>
    public string? DatabaseUrl { get; set; }

    /// <summary><c>DATABASE_PASSWORD</c>: in the place of the one in <see cref="DatabaseUrl"/>.</summary>
    public string? DatabasePassword { get; set; }

    /// <summary><c>LlmEval__DataFolder</c>: made when missing; relative to the working directory.</summary>
    [Required]
    public string DataFolder { get; set; } = "data";

    /// <summary><c>LlmEval__DatabaseConnections</c>: the most connections that one process opens to PostgreSQL.</summary>
    [Range(5, 1_000)]
    public int DatabaseConnections { get; set; } = 30;

    /// <summary>How many of them are for writing traces and verdicts; the event counter lets only one commit at a time.</summary>
    internal int WriteConnections => Math.Min(8, DatabaseConnections / 2);

    /// <summary>For asking whether it answers.</summary>
    internal const int ProbeConnections = 1;

    internal int OtherConnections => DatabaseConnections - WriteConnections - ProbeConnections;
}
