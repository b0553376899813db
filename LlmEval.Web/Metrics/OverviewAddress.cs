using System.Globalization;
using LlmEval.Core.Metrics;
using LlmEval.Web.Queries;

namespace LlmEval.Web.Metrics;

/// <summary>What of the overview stands in its URL: the last so much time, or from one moment to another.</summary>
public sealed record OverviewAddress
{
    /// <summary>The last stretches of time that are offered, with their names in the URL.</summary>
    public static readonly IReadOnlyList<RangeChoice> Choices =
    [
        new("15m", TimeSpan.FromMinutes(15), "Last 15 minutes", "the 15 minutes before"),
        new("1h", TimeSpan.FromHours(1), "Last hour", "the hour before"),
        new("24h", TimeSpan.FromHours(24), "Last 24 hours", "the 24 hours before"),
        new("7d", TimeSpan.FromDays(7), "Last 7 days", "the 7 days before"),
        new("30d", TimeSpan.FromDays(30), "Last 30 days", "the 30 days before"),
    ];

    public static readonly RangeChoice Usual = Choices[2];

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm'Z'";

    private static readonly TimeSpan Longest = TimeSpan.FromDays(3_660);

    public RangeChoice? Choice { get; private init; } = Usual;

    /// <summary>UTC; set when there is no choice.</summary>
    public DateTime From { get; private init; }

    /// <summary>UTC, exclusive.</summary>
    public DateTime To { get; private init; }

    public static OverviewAddress Of(RangeChoice choice) => new() { Choice = choice };

    /// <summary>Null when it is empty, longer than ten years, or where no trace can be.</summary>
    public static OverviewAddress? Between(DateTime from, DateTime to) =>
        to > from && to - from <= Longest && from.Year >= 1970 && to.Year < 2200 ? new() { Choice = null, From = from, To = to } : null;

    /// <summary>Takes what it understands: an URL typed by hand must not break the page.</summary>
    public static OverviewAddress Parse(string? range, string? from, string? to) =>
        QueryReader.ParseTime(from ?? "") is { } begin && QueryReader.ParseTime(to ?? "") is { } end && Between(begin, end) is { } between
            ? between
            : Of(Choices.FirstOrDefault(c => c.Name == range) ?? Usual);

    public OverviewRange ToRange(DateTime now, TimeZoneInfo zone) => Choice is { } choice
        ? OverviewRange.Last(choice.Length, now, zone)
        : OverviewRange.Between(From, To, now, zone);

    /// <summary>Relative to the base of the site.</summary>
    public override string ToString() => Choice is { } choice
        ? choice == Usual ? "" : $"?range={choice.Name}"
        : $"?from={Format(From)}&to={Format(To)}";

    private static string Format(DateTime utc) => utc.ToString(TimeFormat, CultureInfo.InvariantCulture);
}

/// <param name="Name">In the URL and on the button.</param>
/// <param name="Before">Names the period that it is compared with.</param>
public sealed record RangeChoice(string Name, TimeSpan Length, string Title, string Before);
