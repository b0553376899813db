namespace LlmEval.Core.Primitives;

/// <summary>
/// Points in time are UTC <see cref="DateTime"/> values cut to the microsecond, which is what PostgreSQL keeps:
/// a time that went through the database equals the one that was sent.
/// </summary>
public static class Instant
{
    public static readonly long MaxUnixMicroseconds = (DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTime UtcNow(this TimeProvider time) => CutToMicrosecond(time.GetUtcNow().UtcDateTime);

    public static DateTime CutToMicrosecond(DateTime utc) => new(utc.Ticks - (utc.Ticks % TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc);

    public static long ToUnixMicroseconds(this DateTime utc) => (utc.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTime FromUnixMicroseconds(long micros) => DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
}
