namespace LlmEval.Core.Writing;

/// <summary>The object ids of PostgreSQL's own types, which are the same in every database (pg_type.dat), and its year zero.</summary>
internal static class PostgresOid
{
    public const uint Bool = 16;
    public const uint Bytea = 17;
    public const uint Int8 = 20;
    public const uint Int2 = 21;
    public const uint Int4 = 23;
    public const uint Text = 25;
    public const uint Json = 114;
    public const uint Float8 = 701;
    public const uint TextArray = 1009;
    public const uint TimestampTz = 1184;
    public const uint Numeric = 1700;

    /// <summary>Times are counted in microseconds from here.</summary>
    public static readonly DateTime Epoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);
}
