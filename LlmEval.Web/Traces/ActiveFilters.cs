using LlmEval.Core.Traces;
using LlmEval.Web.Shell;

namespace LlmEval.Web.Traces;

/// <summary>What of a filter is on, in words, each with how to take it off.</summary>
public static class ActiveFilters
{
    /// <summary>Those that neither the toolbar of the list has a button for nor the choice of a queue a field.</summary>
    public static IEnumerable<(string Words, Func<TraceFilter, TraceFilter> Without)> Of(TraceFilter filter, ViewerTime time)
    {
        (string? Words, Func<TraceFilter, TraceFilter> Without)[] all =
        [
            Named("Session", filter.SessionId, f => f with { SessionId = null }),
            Named("User", filter.UserId, f => f with { UserId = null }),
            Named("Environment", filter.Environment, f => f with { Environment = null }),
            Named("Parent", filter.ParentId, f => f with { ParentId = null }),
            .. filter.Tags.Select(tag => Named("Tag", tag, f => f with { Tags = [.. f.Tags.Where(t => t != tag)] })),
            Named("From", filter.From is { } from ? time.Short(from) : null, f => f with { From = null }),
            Named("To", filter.To is { } to ? time.Short(to) : null, f => f with { To = null }),
            Named("Cost from", filter.MinCost is { } cost ? TraceFormat.Cost(cost) : null, f => f with { MinCost = null }),
            Named("Response time from", filter.MinResponseTimeMs is { } ms ? TraceFormat.Duration(ms) : null, f => f with { MinResponseTimeMs = null }),
            (filter.HasError == false ? "Without error" : null, f => f with { HasError = null }),
            .. filter.Metadata.Select(m => Named(TraceFormat.Visible(m.Key, "(empty key)"), m.Value, f => f with { Metadata = [.. f.Metadata.Where(other => other.Key != m.Key)] })),
        ];
        return all.Where(f => f.Words is not null).Select(f => (f.Words!, f.Without));
    }

    private static (string? Words, Func<TraceFilter, TraceFilter> Without) Named(string name, string? value, Func<TraceFilter, TraceFilter> without) =>
        (value is null ? null : $"{name}: {value}", without);
}
