using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Traces;

/// <summary>Turns a filter into a query; all of it but the full text.</summary>
internal static class TraceFiltering
{
    public static IQueryable<Trace> ApplyTo(this TraceFilter filter, IQueryable<Trace> traces, int projectId)
    {
        IQueryable<Trace> found = traces.Where(t => t.ProjectId == projectId);
        found = WhereOneOf(found, filter);
        found = WhereEqual(found, filter);
        found = WhereWithin(found, filter);
        foreach (string tag in filter.Tags)
        {
            found = found.Where(t => t.Tags!.Contains(tag));
        }

        foreach ((string given, string value) in filter.Metadata)
        {
            // Stored text has U+FFFD in the place of U+0000, which PostgreSQL does not take even in a question.
            string name = given.Replace('\0', '\uFFFD');
            found = found.Where(t => JsonText.Member(t.Metadata, name) == value);
        }

        return found;
    }

    private static IQueryable<Trace> WhereOneOf(IQueryable<Trace> found, TraceFilter filter)
    {
        // One value is the common case, and an equality lets an index give the order too.
        if (filter.ModelNames is [string model])
        {
            found = found.Where(t => t.ModelName == model);
        }
        else if (filter.ModelNames.Count > 1)
        {
            string[] models = [.. filter.ModelNames];
            found = found.Where(t => models.Contains(t.ModelName));
        }

        if (filter.Statuses is [EvaluationStatus status])
        {
            found = found.Where(t => t.Status == status);
        }
        else if (filter.Statuses.Count > 1)
        {
            List<EvaluationStatus> statuses = [.. filter.Statuses];
            found = found.Where(t => statuses.Contains(t.Status));
        }

        if (filter.TraceIds.Count > 0)
        {
            string[] ids = [.. filter.TraceIds];
            found = found.Where(t => EF.Parameter(ids).Contains(t.TraceId));
        }

        return found;
    }

    private static IQueryable<Trace> WhereEqual(IQueryable<Trace> found, TraceFilter filter)
    {
        if (filter.SessionId is { } session)
        {
            found = found.Where(t => t.SessionId == session);
        }

        if (filter.UserId is { } user)
        {
            found = found.Where(t => t.UserId == user);
        }

        if (filter.ParentId is { } parent)
        {
            found = found.Where(t => t.ParentId == parent);
        }

        if (filter.Environment is { } environment)
        {
            found = found.Where(t => t.Environment == environment);
        }

        return filter.HasError switch
        {
            true => found.Where(t => t.HasError),
            false => found.Where(t => !t.HasError),
            null => found,
        };
    }

    private static IQueryable<Trace> WhereWithin(IQueryable<Trace> found, TraceFilter filter)
    {
        if (filter.From is { } from)
        {
            found = found.Where(t => t.Timestamp >= from);
        }

        if (filter.To is { } to)
        {
            found = found.Where(t => t.Timestamp < to);
        }

        if (filter.MinCost is { } cost)
        {
            found = found.Where(t => t.Cost >= cost);
        }

        if (filter.MinResponseTimeMs is { } milliseconds)
        {
            found = found.Where(t => t.ResponseTimeMs >= milliseconds);
        }

        if (filter.Share is { } share)
        {
            long below = (long)(share * TraceShuffle.Places);
            found = found.Where(TraceShuffle.IsBelow(below));
        }

        return found;
    }
}
