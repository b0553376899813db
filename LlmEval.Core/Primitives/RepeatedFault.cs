namespace LlmEval.Core.Primitives;

/// <summary>
/// A fault that a loop meets at every try, for as long as an outage lasts: it is worth a line in the log when it is new, and once a
/// minute after that.
/// </summary>
public sealed class RepeatedFault(TimeProvider time)
{
    /// <summary>After so long without it, it is another one.</summary>
    private static readonly TimeSpan Over = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long? _met;
    private long _told;

    /// <summary>Says that it was met once more.</summary>
    /// <returns>Whether to tell.</returns>
    public bool IsNews()
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            bool isNews = _met is not { } met || time.GetElapsedTime(met, now) > Over || time.GetElapsedTime(_told, now) >= Reminder;
            _met = now;
            _told = isNews ? now : _told;
            return isNews;
        }
    }
}
