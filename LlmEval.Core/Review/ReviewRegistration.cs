using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Core.Review;

public static class ReviewRegistration
{
    /// <summary>Adds the judging of traces. Needs the amending of traces.</summary>
    public static IServiceCollection AddReview(this IServiceCollection services) => services.AddSingleton<SubmitDecision>();
}
