namespace LlmEval.Web.Review;

public static class ReviewPagesRegistration
{
    public static IServiceCollection AddReviewPages(this IServiceCollection services)
    {
        services.AddScoped<ReviewDesk>();
        services.AddScoped<CurrentReviewer>();
        return services;
    }
}
