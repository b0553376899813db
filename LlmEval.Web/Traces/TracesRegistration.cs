using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Core.Amending;
using LlmEval.Core.Caching;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Web.Access;
using LlmEval.Web.Review;

namespace LlmEval.Web.Traces;

public static class TracesRegistration
{
    /// <summary>Adds what the pages about traces read and write.</summary>
    public static IServiceCollection AddTracePages(this IServiceCollection services)
    {
        services.AddScoped(provider => TraceReads.From(
            provider.GetRequiredService<TraceQueries>(), provider.GetRequiredService<TraceCache>(), provider.GetRequiredService<PageProject>()));
        services.AddScoped<ViewDesk>();
        services.AddScoped<ListPlace>();
        services.AddSingleton<SharedRows>();
        services.AddScoped<JudgeTrace>(provider =>
        {
            int project = provider.GetRequiredService<PageProject>().Id;
            SubmitDecision submit = provider.GetRequiredService<SubmitDecision>();
            PageCaller viewer = provider.GetRequiredService<PageCaller>();
            CurrentReviewer reviewer = provider.GetRequiredService<CurrentReviewer>();
            return async (verdict, cancel) =>
            {
                Caller? caller = await viewer.FindAsync();
                return PageCaller.Refusal(caller, Rights.Evaluate) is { } refusal
                    ? new DecisionAnswer(ChangeOutcome.Refused, null, null, [refusal])
                    : await submit.RunAsync(project, verdict with { Evaluator = await NameOfAsync(caller!, reviewer) }, caller!.ToActor(), cancel);
            };
        });
        services.AddScoped<UndoVerdict>(provider =>
        {
            int project = provider.GetRequiredService<PageProject>().Id;
            UndoDecision undo = provider.GetRequiredService<UndoDecision>();
            PageCaller viewer = provider.GetRequiredService<PageCaller>();
            CurrentReviewer reviewer = provider.GetRequiredService<CurrentReviewer>();
            return async (traceId, version, cancel) =>
            {
                Caller? caller = await viewer.FindAsync();
                return PageCaller.Refusal(caller, Rights.Evaluate) is { } refusal
                    ? new DecisionAnswer(ChangeOutcome.Refused, null, null, [refusal])
                    : await undo.RunAsync(project, traceId, version, await NameOfAsync(caller!, reviewer), caller!.ToActor(), cancel);
            };
        });
        services.AddScoped<RemoveTrace>(provider =>
        {
            int project = provider.GetRequiredService<PageProject>().Id;
            DeleteTrace delete = provider.GetRequiredService<DeleteTrace>();
            PageCaller viewer = provider.GetRequiredService<PageCaller>();
            return async (traceId, version, cancel) =>
            {
                Caller caller = await viewer.DemandAsync(Rights.Admin);
                return await delete.RunAsync(project, traceId, version, caller.ToActor(), cancel);
            };
        });
        services.AddScoped<TagTrace>(provider =>
        {
            int project = provider.GetRequiredService<PageProject>().Id;
            TraceCache cache = provider.GetRequiredService<TraceCache>();
            AmendTrace amend = provider.GetRequiredService<AmendTrace>();
            PageCaller viewer = provider.GetRequiredService<PageCaller>();
            return async (traceId, tags, cancel) =>
            {
                Caller? caller = await viewer.FindAsync();
                if (PageCaller.Refusal(caller, Rights.Evaluate) is { } refusal)
                {
                    return new AmendAnswer(ChangeOutcome.Refused, null, [refusal]);
                }

                if (await cache.GetAsync(project, traceId, cancel) is not { Trace: var trace })
                {
                    return new AmendAnswer(ChangeOutcome.NotFound, null, []);
                }

                byte[] patch = JsonSerializer.SerializeToUtf8Bytes(new { tags = (trace.Tags ?? []).Union(tags) });
                return await amend.RunAsync(project, traceId, TracePatch.Parse(patch), trace.Version, caller!.ToActor(), cancel);
            };
        });
        return services;
    }

    private static async Task<string?> NameOfAsync(Caller caller, CurrentReviewer reviewer)
    {
        if (caller.User is { } user)
        {
            return user.Name;
        }

        // Where nobody signs in, it is the name that they gave.
        await reviewer.KnowAsync();
        return reviewer.Name.Length > 0 ? reviewer.Name : null;
    }
}
