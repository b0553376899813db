namespace LlmEval.Web.Traces;

/// <summary>The columns of the list that a viewer may leave out.</summary>
[Flags]
public enum TraceColumns : byte
{
    None = 0,
    Time = 1,
    Model = 2,
    Status = 4,
    ResponseTime = 8,
    Tokens = 16,
    Cost = 32,
    Labels = 64,
    All = Time | Model | Status | ResponseTime | Tokens | Cost | Labels,
}

/// <summary>The columns' names in addresses and on the page.</summary>
public static class TraceColumnNames
{
    public static readonly IReadOnlyList<(TraceColumns Column, string Name, string Title)> Each =
    [
        (TraceColumns.Time, "time", "Time"),
        (TraceColumns.Model, "model", "Model"),
        (TraceColumns.Status, "status", "Status"),
        (TraceColumns.ResponseTime, "response_time", "Response time"),
        (TraceColumns.Tokens, "tokens", "Tokens"),
        (TraceColumns.Cost, "cost", "Cost"),
        (TraceColumns.Labels, "labels", "Session and tags"),
    ];

    /// <summary>Takes the names that it knows.</summary>
    public static TraceColumns Parse(string names)
    {
        string[] given = names.Split('.');
        return Each.Where(c => given.Contains(c.Name)).Aggregate(TraceColumns.None, (all, c) => all | c.Column);
    }

    public static string Write(TraceColumns columns) =>
        columns == TraceColumns.None ? "none" : string.Join('.', Each.Where(c => columns.HasFlag(c.Column)).Select(c => c.Name));
}
