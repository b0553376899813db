using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Core.Views;

public static class ViewsRegistration
{
    public static IServiceCollection AddViews(this IServiceCollection services) => services.AddSingleton<SavedViews>();
}
