namespace LlmEval.Web.Monitoring;

/// <summary>How much of the last hour is shown, and how finely.</summary>
public sealed record MonitoringRange(string Name, string Title, TimeSpan Length, TimeSpan Step)
{
    public static readonly IReadOnlyList<MonitoringRange> Choices =
    [
        new("5m", "Last 5 minutes", TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(2)),
        new("15m", "Last 15 minutes", TimeSpan.FromMinutes(15), TimeSpan.FromSeconds(5)),
        new("1h", "Last hour", TimeSpan.FromHours(1), TimeSpan.FromSeconds(15)),
    ];

    public static MonitoringRange Find(string? name) => Choices.FirstOrDefault(choice => choice.Name == name) ?? Choices[0];
}
