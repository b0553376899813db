namespace LlmEval.Web.People;

internal static class PeopleRegistration
{
    public static IServiceCollection AddPeople(this IServiceCollection services) => services
        .AddSingleton<Passwords>()
        .AddSingleton<SignInThrottle>()
        .AddSingleton<KnownBrowsers>()
        .AddSingleton<SignIn>()
        .AddSingleton<ShowSetUpLink>(Console.WriteLine)
        .AddHostedService<SetUpLink>();
}
