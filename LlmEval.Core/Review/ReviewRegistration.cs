using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Core.Review;

public static class ReviewRegistration
{
    /// <summary>Adds the judging of traces. Needs their amending; the queues need their reading and the figures too.</summary>
    public static IServiceCollection AddReview(this IServiceCollection services)
    {
        services.AddSingleton<HistoryRoom>();
        services.AddSingleton<SubmitDecision>();
        services.AddSingleton<UndoDecision>();
        services.AddSingleton<ReviewSignal>();
        services.AddSingleton<TraceLeases>();
        services.AddHostedService<LeaseRelease>();
        services.AddSingleton<ReviewQueues>();
        services.AddSingleton<ReviewVocabularies>();
        services.AddSingleton<ReviewerQueries>();
        services.AddSingleton<SharedTallies>();
        return services;
    }
}
