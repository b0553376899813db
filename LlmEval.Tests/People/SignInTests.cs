using System.Net;
using LlmEval.Core.Access;
using LlmEval.Tests.Access;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LlmEval.Tests.People;

public class SignInTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task APersonSignsInWithoutScriptsAndOut(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await server.SetUpAsync();
        using var visitor = new Visitor(server);
        Assert.Equal(HttpStatusCode.Redirect, await visitor.OpenAsync("/traces?q=x"));

        string? led = await visitor.SignInAsync("Olivia@Example.com ", PeopleSteps.Password, "/sign-in?return=%2Ftraces%3Fq%3Dx");

        Assert.EndsWith("/traces?q=x", led, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await visitor.OpenAsync("/traces"));
        using (HttpClient http = server.As("Cookie", $"llmeval-session={visitor.Session}"))
        {
            using HttpResponseMessage answer = await http.PostAsync("/sign-out", null, Cancel);
            Assert.Equal((HttpStatusCode.SeeOther, "/sign-in"), (answer.StatusCode, answer.Headers.Location?.ToString()));
        }

        Assert.Equal(HttpStatusCode.Redirect, await visitor.OpenAsync("/traces"));
        Assert.Equal(["set_up.link_made", "person.joined", "sign_in.succeeded", "signed_out"], (await server.Services.AuditAsync()).Select(e => e.Action));
    }

    [Fact]
    public async Task WhoeverLeavesWhileTheDatabaseIsAwayIsSignedOutInTheirBrowser()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var proxy = new TestProxy(database);
        await using TestServer server = await TestServer.StartAsync(database, proxy.Settings);
        await server.SetUpAsync();
        using var visitor = new Visitor(server);
        await visitor.SignInAsync("olivia@example.com", PeopleSteps.Password);
        proxy.Cut();

        await visitor.PostAsync("/sign-out");
        Assert.Null(visitor.Session);
        await visitor.OpenAsync("/sign-in?refused=ending");
        Assert.Contains("This browser is signed out.", visitor.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsTooLongForAnAddressIsNobodysAndIsNotRemembered()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, new Dictionary<string, string?> { ["LlmEval:RequireSignIn"] = "true" });
        using var visitor = new Visitor(server);
        string email = new string('a', 300) + "@example.com";

        for (int i = 0; i < 12; i++)
        {
            Assert.Null(await visitor.SignInAsync(email, PeopleSteps.Password));
            Assert.Contains("is not right", visitor.Html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task APageThatARoleMayNotSeeSaysSoAmongThePagesThatItMay()
    {
        await using TestServer server = await StartWithAsync(viewer: "vera@example.com");
        using var visitor = new Visitor(server);
        await visitor.SignInAsync("vera@example.com", PeopleSteps.Password);

        Assert.Equal(HttpStatusCode.Forbidden, await visitor.OpenAsync("/settings/keys"));

        Assert.Contains("Your role does not allow this page", visitor.Html, StringComparison.Ordinal);
        Assert.Contains("href=\"traces\"", visitor.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("New key", visitor.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, await visitor.OpenAsync("/api/keys"));
        Assert.DoesNotContain("<html", visitor.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnotherTokenIsMadeEachTimeAndTheOldOneEnds()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.SetUpAsync();
        using var visitor = new Visitor(server);
        visitor.Cookies.Add(server.Url, new Cookie("llmeval-session", "planted"));
        await visitor.SignInAsync("olivia@example.com", PeopleSteps.Password);
        string first = visitor.Session!;

        await visitor.OpenAsync("/sign-in");
        using var second = new Visitor(server);
        await second.OpenAsync("/sign-in");
        second.Cookies.Add(server.Url, new Cookie("llmeval-session", first));
        await second.SubmitAsync(("Form.Email", "olivia@example.com"), ("Form.Password", PeopleSteps.Password));

        Assert.NotEqual("planted", first);
        Assert.NotEqual(first, second.Session);
        Assert.Equal(HttpStatusCode.OK, await second.OpenAsync("/traces"));
        Assert.Equal(HttpStatusCode.Redirect, await visitor.OpenAsync("/traces"));
    }

    [Fact]
    public async Task AWrongPasswordAndAnUnknownPersonGetOneAnswer()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.SetUpAsync();
        using var one = new Visitor(server);
        using var other = new Visitor(server);

        Assert.Null(await one.SignInAsync("olivia@example.com", "not her password"));
        Assert.Null(await other.SignInAsync("nobody@example.com", "not her password"));
        using var third = new Visitor(server);
        Assert.Null(await third.SignInAsync("MyPasswordIsHere", "not her password"));

        Assert.Contains("The e-mail address or the password is not right.", one.Html, StringComparison.Ordinal);
        Assert.Matches("<input[^>]* name=\"Form.Password\"[^>]* autofocus", one.Html);
        Assert.DoesNotMatch("<input[^>]* name=\"Form.Email\"[^>]* autofocus", one.Html);
        Assert.Equal(one.Status, other.Status);
        Assert.Contains("The e-mail address or the password is not right.", other.Html, StringComparison.Ordinal);
        Assert.Null(one.Session);
        List<AuditEntry> failed = [.. (await server.Services.AuditAsync()).Where(e => e.Action == "sign_in.failed")];
        Assert.Equal(["olivia@example.com", "nobody@example.com", "somebody"], failed.Select(e => e.Subject));
    }

    [Fact]
    public async Task APasswordWithWhatIsNoCharacterIsWrongAsAnyOther()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.SetUpAsync();
        using var visitor = new Visitor(server);

        Assert.Null(await visitor.SignInAsync("olivia@example.com", "not her\uFFFE password"));

        Assert.Equal(HttpStatusCode.OK, visitor.Status);
        Assert.Contains("is not right", visitor.Html, StringComparison.Ordinal);
        Assert.Single(await server.Services.AuditAsync(), e => e.Action == "sign_in.failed");
    }

    [Fact]
    public async Task AfterManyFailuresItSaysWhenToTryAgain()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.SetUpAsync();
        using var visitor = new Visitor(server);
        for (int i = 0; i < 10; i++)
        {
            await visitor.SignInAsync("olivia@example.com", "not her password");
        }

        Assert.Null(await visitor.SignInAsync("olivia@example.com", PeopleSteps.Password));

        Assert.Equal(HttpStatusCode.TooManyRequests, visitor.Status);
        Assert.Contains("Too many attempts. Try again in", visitor.Html, StringComparison.Ordinal);
        await visitor.SignInAsync("olivia@example.com", PeopleSteps.Password);
        Assert.Single(await server.Services.AuditAsync(), e => e.Action == "sign_in.refused");
    }

    [Fact]
    public async Task WhoeverGuessesElsewhereDoesNotKeepOutABrowserThatTheyUsedBefore()
    {
        await using TestServer server = await StartWithAsync(viewer: "max@example.com");
        using Visitor olivia = await OnceSignedInAsync(server, "olivia@example.com");
        using Visitor guesser = await OnceSignedInAsync(server, "max@example.com");
        for (int i = 0; i < 12; i++)
        {
            await guesser.SignInAsync("olivia@example.com", "not her password");
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, guesser.Status);
        Assert.NotNull(await olivia.SignInAsync("olivia@example.com", PeopleSteps.Password));
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("/https://evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData(".//evil.example/")]
    [InlineData("/.//evil.example/")]
    [InlineData("a/..//evil.example/")]
    [InlineData("/sign-in?return=/sign-in")]
    public async Task ItLeadsToNoOtherSite(string back)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.SetUpAsync();
        using var visitor = new Visitor(server);

        string? led = await visitor.SignInAsync("olivia@example.com", PeopleSteps.Password, $"/sign-in?return={Uri.EscapeDataString(back)}");

        Assert.Equal(server.Url.Authority, new Uri(led!).Authority);
    }

    [Fact]
    public async Task AFormThatAnotherSiteSendsIsRefused()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.SetUpAsync();
        using var form = new FormUrlEncodedContent(
            [new("_handler", "sign-in"), new("Form.Email", "olivia@example.com"), new("Form.Password", PeopleSteps.Password)]);

        using HttpResponseMessage answer = await server.Http.PostAsync("/sign-in", form, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("Fill it in once more", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.False(answer.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? cookies) && cookies.Any(c => c.Contains("llmeval-session")));
    }

    [Fact]
    public async Task ABrowserThatLostTheCookieOfAFormIsToldSoAndMaySendItAgain()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.SetUpAsync();
        using var visitor = new Visitor(server);
        await visitor.OpenAsync("/sign-in?return=%2Ftraces");
        foreach (Cookie cookie in visitor.Cookies.GetAllCookies().Cast<Cookie>())
        {
            cookie.Expired = true;
        }

        string? led = await visitor.SubmitAsync(("Form.Email", "olivia@example.com"), ("Form.Password", PeopleSteps.Password));

        Assert.Equal((HttpStatusCode.SeeOther, "/sign-in?return=%2Ftraces&refused=form"), (visitor.Status, led));
        await visitor.OpenAsync(led!);
        Assert.Contains("Fill it in once more", visitor.Html, StringComparison.Ordinal);
        Assert.EndsWith("/traces", await visitor.SubmitAsync(("Form.Email", "olivia@example.com"), ("Form.Password", PeopleSteps.Password)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALinkThatWasUsedWhileItsFormWasOpenSaysSo()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        BeInProduction(server);
        string link = $"/setup?token={await server.Services.GetRequiredService<Invitations>().CreateSetUpAsync(PeopleSteps.Tester, Cancel)}";
        using var first = new Visitor(server);
        using var second = new Visitor(server);
        await first.OpenAsync(link);
        await second.OpenAsync(link);
        (string, string)[] person = [("Form.Name", "Olivia"), ("Form.Email", "olivia@example.com"), ("Form.Password", PeopleSteps.Password)];
        Assert.NotNull(await first.SubmitAsync(person));

        string? led = await second.SubmitAsync(person);

        Assert.Equal(HttpStatusCode.SeeOther, second.Status);
        Assert.Equal(HttpStatusCode.OK, await second.OpenAsync(led!));
        Assert.Contains("This link does not hold", second.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("Fill it in once more", second.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAddressThatIsTooLongToComeBackToStillLeadsToTheSignIn()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.SetUpAsync();
        using var visitor = new Visitor(server);

        Assert.Equal("/sign-in", await visitor.FollowAsync($"/traces?q={string.Concat(Enumerable.Repeat("%22", 2000))}"));
        Assert.Equal("/sign-in?return=%2Ftraces%3Fq%3D%2522", await visitor.FollowAsync("/traces?q=%22"));
    }

    [Fact]
    public async Task WhoeverGuessesDoesNotKeepOutTheBrowserByWhichAnAccountWasMade()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        using var olivia = new Visitor(server);
        await olivia.OpenAsync($"/setup?token={await server.Services.GetRequiredService<Invitations>().CreateSetUpAsync(PeopleSteps.Tester, Cancel)}");
        await olivia.SubmitAsync(("Form.Name", "Olivia"), ("Form.Email", "Olivia@example.com"), ("Form.Password", PeopleSteps.Password));
        await olivia.PostAsync("/sign-out");
        using var guesser = new Visitor(server);
        for (int i = 0; i < 12; i++)
        {
            await guesser.SignInAsync("olivia@example.com", "not her password");
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, guesser.Status);
        Assert.NotNull(await olivia.SignInAsync("olivia@example.com", PeopleSteps.Password));
    }

    [Fact]
    public async Task WhoHasNoProjectIsToldSo()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        string token = await server.SignInAsync(role: null);
        using var visitor = new Visitor(server);
        visitor.Cookies.Add(server.Url, new Cookie("llmeval-session", token));

        Assert.Equal(HttpStatusCode.Redirect, await visitor.OpenAsync("/traces"));
        Assert.Equal(HttpStatusCode.OK, await visitor.OpenAsync("/sign-in"));
        Assert.Contains("You are in no project", visitor.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheCookieCannotBeReadByScripts()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.SetUpAsync();
        using var visitor = new Visitor(server);
        await visitor.SignInAsync("olivia@example.com", PeopleSteps.Password);

        Cookie cookie = visitor.Cookies.GetAllCookies().Single(c => c.Name == "llmeval-session");

        Assert.True(cookie.HttpOnly);
        Assert.Equal(43, cookie.Value.Length);
        Assert.InRange(cookie.Expires.ToUniversalTime(), DateTime.UtcNow.AddDays(6.9), DateTime.UtcNow.AddDays(7.1));
    }

    /// <summary>Olivia owns it.</summary>
    private static async Task<TestServer> StartWithAsync(string viewer)
    {
        TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.SetUpAsync();
        await server.InviteAsync(viewer, Role.Viewer);
        return server;
    }

    /// <summary>A browser in which somebody was signed in before.</summary>
    /// <summary>Elsewhere the framework adds words of its own to what it refuses.</summary>
    private static void BeInProduction(TestServer server) => server.Services.GetRequiredService<IHostEnvironment>().EnvironmentName = Environments.Production;

    private static async Task<Visitor> OnceSignedInAsync(TestServer server, string email)
    {
        var visitor = new Visitor(server);
        await visitor.SignInAsync(email, PeopleSteps.Password);
        await visitor.PostAsync("/sign-out");
        return visitor;
    }
}
