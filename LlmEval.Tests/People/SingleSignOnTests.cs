using System.Net;
using System.Security.Cryptography;
using LlmEval.Core.Access;
using LlmEval.Tests.Access;
using LlmEval.Tests.Monitoring;
using LlmEval.Tests.Support;
using LlmEval.Web.People;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

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
    [InlineData(".//evil.example/phish")]
    [InlineData("//evil.example/phish")]
    [InlineData("a/..//evil.example/phish")]
    [InlineData("https://evil.example/phish")]
    public async Task ItLeadsToNoOtherSite(string back)
    {
        await using TestIdentityProvider provider = await TestIdentityProvider.StartAsync();
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, With(provider, ("DefaultRole", "Reviewer")));
        using var visitor = new Visitor(server);

        string? led = await visitor.FollowAsync($"/sign-in/provider?return={Uri.EscapeDataString(back)}");

        Assert.Equal(server.Url.Authority, new Uri(server.Url, led).Authority);
    }

    [Fact]
    public async Task WhereNobodyCouldMakeAnOwnerTheLinkIsStillShown()
    {
        await using TestIdentityProvider provider = await TestIdentityProvider.StartAsync();
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite);
        await using (TestServer server = await TestServer.StartAsync(database, With(provider, ("DefaultRole", "Viewer"))))
        {
            using var visitor = new Visitor(server);
            await visitor.FollowAsync("/sign-in/provider");
            Assert.Single(await UsersAsync(server));
        }

        var shown = new TaskCompletionSource<string>();
        await using TestServer again = await TestServer.StartAsync(
            database, With(provider, ("DefaultRole", "Viewer")), services => services.AddSingleton<ShowSetUpLink>(text => shown.TrySetResult(text)));

        Assert.Contains("Make the first account", await shown.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancel), StringComparison.Ordinal);
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
        User before = await server.SetUpAsync("ida@example.com");
        await server.Services.GetRequiredService<Sessions>().StartAsync(before, "password", new Device("a browser", null), null, PeopleSteps.Tester, Cancel);
        await server.Services.GetRequiredService<Invitations>().CreateResetAsync(before, PeopleSteps.Tester, Cancel);
        using var visitor = new Visitor(server);

        await visitor.FollowAsync("/sign-in/provider");

        Assert.Equal(link, visitor.Session is not null);
        User ida = Assert.Single(await UsersAsync(server)).User;
        Assert.Equal(link ? "248289761001" : null, ida.Subject);

        // Whoever made the account before may have been another: nothing that they had opens it.
        Assert.Equal(link, ida.PasswordHash is null);
        Assert.Equal(link ? 0 : 1, (await server.Services.GetRequiredService<Invitations>().ListAsync(Projects.Default, all: true, Cancel)).Count);
        Assert.Single(await server.Services.GetRequiredService<Sessions>().ListAsync(ida.Id, Cancel));
    }

    [Fact]
    public async Task AProviderThatIsAwayIsSaidOnTheSignInPage()
    {
        using var log = new LogSecrecyTests.KeptLog();
        TestIdentityProvider provider = await TestIdentityProvider.StartAsync();
        Dictionary<string, string?> settings = With(provider, ("DefaultRole", "Viewer"));
        await provider.DisposeAsync();
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, settings, services => services.AddSingleton<ILoggerProvider>(log));
        using var visitor = new Visitor(server);

        await visitor.OpenAsync(await visitor.FollowAsync("/sign-in/provider"));

        Assert.Contains("did not work", visitor.Html, StringComparison.Ordinal);
        Assert.Contains(log.Lines, l => l.Contains("A sign-in through OpenID Connect failed", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/signout-oidc")]
    [InlineData("/signout-callback-oidc")]
    public async Task NoAddressIsOpenThatWeDoNotUse(string path)
    {
        await using TestIdentityProvider provider = await TestIdentityProvider.StartAsync();
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, With(provider, ("DefaultRole", "Viewer")));
        using var form = new FormUrlEncodedContent(Enumerable.Range(0, 2_000).Select(i => KeyValuePair.Create($"{i}", "x")));

        using HttpResponseMessage answer = await server.Http.PostAsync(path, form, Cancel);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
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

    [Theory]
    [InlineData("nonce", "of another sign-in")]
    [InlineData("aud", "another application")]
    [InlineData("iss", "https://another.example")]
    public async Task ATokenThatWasMadeForAnotherIsWorthNothing(string claim, string lie)
    {
        await using TestIdentityProvider provider = await TestIdentityProvider.StartAsync();
        provider.Lies[claim] = lie;
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

    [Fact]
    public async Task BehindAProxyWithTlsTheCookieIsThatOfTlsAndTheAddressThatOfThePerson()
    {
        await using TestIdentityProvider provider = await TestIdentityProvider.StartAsync();
        Dictionary<string, string?> settings = With(provider, ("DefaultRole", "Viewer"));
        settings["LlmEval:Proxies:0"] = "127.0.0.1";
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, settings);
        await server.MakeProjectAsync("other");

        using HttpResponseMessage sent = await ThroughProxyAsync(server, "/p/other/sign-in/provider");
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using HttpResponseMessage back = await browser.GetAsync(sent.Headers.Location, Cancel);
        Uri callback = back.Headers.Location!;
        using HttpResponseMessage answer = await ThroughProxyAsync(server, callback.PathAndQuery, sent.Headers.GetValues("Set-Cookie"));

        Assert.Equal($"https://{server.Url.Authority}/signin-oidc", callback.GetLeftPart(UriPartial.Path));
        string cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"), c => c.Contains("llmeval-session", StringComparison.Ordinal));
        Assert.StartsWith("__Host-llmeval-session=", cookie, StringComparison.Ordinal);
        Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.True(answer.Headers.Contains("Strict-Transport-Security"));
        AuditEntry line = (await server.Services.AuditAsync()).Last(e => e.Action == "sign_in.succeeded");
        Assert.Equal("203.0.113.7", line.Address);
    }

    [Fact]
    public async Task WhatTheProviderSaysOfAFailureIsOneLineInTheLog()
    {
        using var log = new LogSecrecyTests.KeptLog();
        await using TestIdentityProvider provider = await TestIdentityProvider.StartAsync();
        await using TestServer server = await TestServer.StartAsync(
            DatabaseKind.Sqlite, With(provider, ("DefaultRole", "Viewer")), services => services.AddSingleton<ILoggerProvider>(log));
        using HttpResponseMessage sent = await ThroughProxyAsync(server, "/sign-in/provider");
        string state = System.Web.HttpUtility.ParseQueryString(sent.Headers.Location!.Query)["state"]!;

        using HttpResponseMessage answer = await ThroughProxyAsync(
            server, $"/signin-oidc?error=x&error_description=first%0d%0aforged&state={Uri.EscapeDataString(state)}", sent.Headers.GetValues("Set-Cookie"));

        Assert.EndsWith("/sign-in?refused=provider", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        string line = Assert.Single(log.Lines, l => l.Contains("forged", StringComparison.Ordinal));
        Assert.DoesNotContain("\nforged", line, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> ThroughProxyAsync(TestServer server, string path, IEnumerable<string>? cookies = null)
    {
        using HttpClient http = server.As("X-Forwarded-For", "203.0.113.7");
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-Forwarded-Proto", "https");
        if (cookies is not null)
        {
            request.Headers.Add("Cookie", string.Join("; ", cookies.Select(c => c.Split(';')[0])));
        }

        return await http.SendAsync(request, Cancel);
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
