using System.Text;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Ingestion.Parsing;
using LlmEval.Core.Traces;

namespace LlmEval.Core.Amending;

/// <summary>Takes the given fields over into a copy of the stored trace.</summary>
internal static class TraceMerge
{
    /// <param name="given">A trace that the parser made of the given fields; of the others it knows nothing.</param>
    public static Trace Merge(TracePatch patch, Trace before, Trace given)
    {
        Trace after = before.Copy();
        after.Version++;
        after.ModelName = Pick(TraceField.ModelName).ModelName;
        after.UserQuery = Pick(TraceField.UserQuery).UserQuery;
        after.AiResponse = Pick(TraceField.AiResponse).AiResponse;
        after.SystemPrompt = Pick(TraceField.SystemPrompt).SystemPrompt;
        after.FunctionsCalled = Pick(TraceField.FunctionsCalled).FunctionsCalled;
        after.Error = Pick(TraceField.Error).Error;
        after.HasError = given.HasError;
        after.ResponseTimeMs = Pick(TraceField.ResponseTimeMs).ResponseTimeMs;
        after.Cost = Pick(TraceField.Cost).Cost;
        after.Metadata = Pick(TraceField.Metadata).Metadata;
        after.Timestamp = patch.GivesNull(TraceField.Timestamp) ? before.ReceivedAt : Pick(TraceField.Timestamp).Timestamp;
        after.PromptTokens = Pick(TraceField.PromptTokens).PromptTokens;
        after.CompletionTokens = Pick(TraceField.CompletionTokens).CompletionTokens;
        after.TokensUsed = TokensUsed(patch, before, given, after);
        MergeFieldsOfMetadata(patch, before, given, after);
        return after;

        Trace Pick(TraceField field) => patch.Gives(field) ? given : before;
    }

    /// <summary>A sum that nobody sent follows its parts.</summary>
    private static long? TokensUsed(TracePatch patch, Trace before, Trace given, Trace after)
    {
        if (patch.Gives(TraceField.TokensUsed))
        {
            return patch.GivesNull(TraceField.TokensUsed) ? SumOfTokens(after) : given.TokensUsed;
        }

        return before.TokensUsed == SumOfTokens(before) ? SumOfTokens(after) : before.TokensUsed;
    }

    private static long? SumOfTokens(Trace trace) => TraceLimits.SumOfTokens(trace.PromptTokens, trace.CompletionTokens);

    /// <summary>Fields that the parser found in the metadata follow it, unless they are given themselves.</summary>
    private static void MergeFieldsOfMetadata(TracePatch patch, Trace before, Trace given, Trace after)
    {
        Trace? found = patch.Gives(TraceField.Metadata) ? FindIn(before.Metadata) : null;
        after.SessionId = Pick(TraceField.SessionId, t => t.SessionId, string.Equals);
        after.UserId = Pick(TraceField.UserId, t => t.UserId, string.Equals);
        after.Environment = Pick(TraceField.Environment, t => t.Environment, string.Equals);
        after.ParentId = Pick(TraceField.ParentId, t => t.ParentId, string.Equals);
        after.Tags = Pick(TraceField.Tags, t => t.Tags, (a, b) => a.AsSpan().SequenceEqual(b) && (a is null == b is null));

        T? Pick<T>(TraceField field, Func<Trace, T?> of, Func<T?, T?, bool> same)
            where T : class
        {
            if (patch.Gives(field))
            {
                return patch.GivesNull(field) ? null : of(given);
            }

            bool follows = found is not null && same(of(found), of(before));
            return of(follows ? given : before);
        }
    }

    private static Trace? FindIn(string? metadata)
    {
        string body = $$"""{"trace_id":"x","model_name":"x","user_query":"","ai_response":"","metadata":{{metadata ?? "null"}}}""";
        return TraceParser.ParseTrace(Encoding.UTF8.GetBytes(body), new ParseContext(0, DateTime.UnixEpoch, Restore: false)).Value?.Trace;
    }
}
