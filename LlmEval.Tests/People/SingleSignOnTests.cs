using System.Net;
using System.Security.Cryptography;
using LlmEval.Core.Access;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.People;

public class SingleSignOnTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task WhoTheProviderKnowsComesInAndIsKnownAgain(DatabaseKind kind)
    {
        await using TestIdentityProvider provider = await TestIdentityProvider.StartAsync();
        await using TestServer server = await TestServer.StartAsync(kind, With(provider, ("DefaultRole", "Reviewer"), ("AllowedDomains:0", "example.com")));
        using var visitor = new Visitor(server);
        await visitor.OpenAsync("/sign-in");
        Assert.Contains("Continue with Example Ltd", visitor.Html, StringComparison.Ordinal);

        Assert.EndsWith("/traces?q=x", await visitor.FollowAsync("/sign-in/provider?return=%2Ftraces%3Fq%3Dx"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await visitor.OpenAsync("/review"));
        provider.Claims["email"] = "ida.new@example.com";
        await visitor.FollowAsync("/sign-in/provider");

        User user = Assert.Single(await UsersAsync(server)).User;
        Assert.Equal(("ida@example.com", "Ida Lind", provider.Url, "248289761001"), (user.Email, user.Name, user.Issuer, user.Subject));
        Assert.DoesNotContain(visitor.Cookies.GetAllCookies(), c => c.Name.Contains("AspNetCore.Cookies", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "", "true", "You have no account here")]
    [InlineData("Viewer", "other.example", "true", "not of a domain")]
    [InlineData("Viewer", "example.com", "false", "not of a domain")]
    [InlineData("Viewer", "", "false", "You have no account here")]
    public async Task WhoMayNotComeIsToldWhy(string role, string domain, string verified, string expected)
    {
        await using TestIdentityProvider provider = await TestIdentityProvider.StartAsync();
        provider.Claims["email_verified"] = verified == "true";
        Dictionary<string, string?> settings = domain.Length == 0
            ? With(provider, ("DefaultRole", role))
            : With(provider, ("DefaultRole", role), ("AllowedDomains:0", domain));
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, settings);
        using var visitor = new Visitor(server);

        await visitor.OpenAsync(await visitor.FollowAsync("/sign-in/provider"));

        Assert.Contains(expected, visitor.Html, StringComparison.Ordinal);
        Assert.Null(visitor.Session);
        Assert.Empty(await UsersAsync(server));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AnAccountWithTheSameAddressIsTheirsOnlyWhereThatIsConfigured(bool link)
    {
        await using TestIdentityProvider provider = await TestIdentityProvider.StartAsync();
        await using TestServer server = await TestServer.StartAsync(
            DatabaseKind.Sqlite, With(provider, ("DefaultRole", "Viewer"), ("LinkByEmail", link.ToString())));
        await server.SetUpAsync("ida@example.com");
        using var visitor = new Visitor(server);

        await visitor.FollowAsync("/sign-in/provider");

        Assert.Equal(link, visitor.Session is not null);
        Assert.Equal(link ? "248289761001" : null, Assert.Single(await UsersAsync(server)).User.Subject);
    }

    [Fact]
    public async Task ATokenThatAnotherKeySignedIsWorthNothing()
    {
        await using TestIdentityProvider provider = await TestIdentityProvider.StartAsync();
        provider.Forger = RSA.Create(2048);
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, With(provider, ("DefaultRole", "Admin")));
        using var visitor = new Visitor(server);

        await visitor.OpenAsync(await visitor.FollowAsync("/sign-in/provider"));

        Assert.Contains("did not work", visitor.Html, StringComparison.Ordinal);
        Assert.Null(visitor.Session);
    }

    [Fact]
    public async Task AnAnswerThatNobodyAskedForIsRefused()
    {
        await using TestIdentityProvider provider = await TestIdentityProvider.StartAsync();
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, With(provider, ("DefaultRole", "Admin")));
        using var visitor = new Visitor(server);

        Assert.EndsWith("/sign-in?refused=provider", await visitor.FollowAsync("/signin-oidc?code=x&state=y"), StringComparison.Ordinal);

        Assert.Null(visitor.Session);
    }

    private static Dictionary<string, string?> With(TestIdentityProvider provider, params ReadOnlySpan<(string Name, string Value)> settings)
    {
        Dictionary<string, string?> all = provider.Settings;
        foreach ((string name, string value) in settings)
        {
            all[$"LlmEval:OpenIdConnect:{name}"] = value;
        }

        return all;
    }

    private static Task<IReadOnlyList<Person>> UsersAsync(TestServer server) =>
        server.Services.GetRequiredService<Users>().ListAsync(Projects.Default, all: true, Cancel);
}
