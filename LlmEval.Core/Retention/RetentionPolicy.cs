namespace LlmEval.Core.Retention;

/// <summary>How long a project keeps its traces. What is past either limit goes; a limit that is not set keeps all.</summary>
public sealed class RetentionPolicy
{
    public const int MostDays = 36_500;
    public const long MostTraces = 1_000_000_000;

    public int ProjectId { get; set; }

    /// <summary>Older ones go, by their own time.</summary>
    public int? MaxDays { get; set; }

    /// <summary>Of more than these the oldest go.</summary>
    public long? MaxTraces { get; set; }

    public bool KeepsAll => MaxDays is null && MaxTraces is null;

    /// <summary>What is wrong with it, one sentence each.</summary>
    public IReadOnlyList<string> FindFaults()
    {
        var faults = new List<string>();
        if (MaxDays is < 1 or > MostDays)
        {
            faults.Add($"The number of days has to be between 1 and {MostDays}.");
        }

        if (MaxTraces is < 1 or > MostTraces)
        {
            faults.Add($"The number of traces has to be between 1 and {MostTraces}.");
        }

        return faults;
    }
}
