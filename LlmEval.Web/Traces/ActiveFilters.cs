using LlmEval.Core.Traces;
using LlmEval.Web.Shell;

namespace LlmEval.Web.Traces;

/// <summary>What of a filter is on, in words, each with the filter that is left without it.</summary>
public static class ActiveFilters
{
    /// <summary>Those that the toolbar has no button for.</summary>
    public static IEnumerable<(string Words, TraceFilter Without)> Of(TraceFilter filter, ViewerTime time)
    {
        (string? Words, TraceFilter Without)[] all =
        [
            (Named("Session", filter.SessionId), filter with { SessionId = null }),
            (Named("User", filter.UserId), filter with { UserId = null }),
            (Named("Environment", filter.Environment), filter with { Environment = null }),
            (Named("Parent", filter.ParentId), filter with { ParentId = null }),
            .. filter.Tags.Select(tag => (Named("Tag", tag), filter with { Tags = [.. filter.Tags.Where(t => t != tag)] })),
            (Named("From", filter.From is { } from ? time.Short(from) : null), filter with { From = null }),
            (Named("To", filter.To is { } to ? time.Short(to) : null), filter with { To = null }),
            (Named("Cost from", filter.MinCost is { } cost ? TraceFormat.Cost(cost) : null), filter with { MinCost = null }),
            (Named("Response time from", filter.MinResponseTimeMs is { } ms ? TraceFormat.Duration(ms) : null), filter with { MinResponseTimeMs = null }),
            (filter.HasError == false ? "Without error" : null, filter with { HasError = null }),
            .. filter.Metadata.Select(m => (Named(m.Key, m.Value), filter with { Metadata = [.. filter.Metadata.Where(other => other.Key != m.Key)] })),
        ];
        return all.Where(f => f.Words is not null).Select(f => (f.Words!, f.Without));
    }

    private static string? Named(string name, string? value) => value is null ? null : $"{name}: {value}";
}
