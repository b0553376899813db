using System.Text;
using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Tests.People;
using LlmEval.Tests.Support;
using LlmEval.Web.Access;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Access;

/// <summary>Who may do what, as one table: every endpoint and page, asked by every kind of caller.</summary>
public class AccessMatrixTests
{
    /// <summary>Every endpoint, and what it needs. One that is not here fails the test.</summary>
    private static readonly Dictionary<string, Rights> Endpoints = new()
    {
        ["POST /webhook/trace"] = Rights.Ingest,
        ["POST /webhook/batch"] = Rights.Ingest,
        ["POST /api/traces/import"] = Rights.Ingest,
        ["GET /webhook/stats"] = Rights.Read,
        ["GET /webhook/health"] = Rights.None,
        ["GET /health"] = Rights.None,
        ["GET /health/live"] = Rights.None,
        ["GET /health/ready"] = Rights.None,
        ["GET /metrics"] = Rights.Read,
        ["POST /api/stream-tokens"] = Rights.Read,
        ["GET /stream/events"] = Rights.Read,
        ["GET /stream/traces"] = Rights.Read,
        ["GET /stream/metrics"] = Rights.Read,
        ["GET /api/traces"] = Rights.Read,
        ["GET /api/traces/export"] = Rights.Read,
        ["POST /api/traces/export"] = Rights.Read,
        ["GET /api/traces/{trace_id}"] = Rights.Read,
        ["GET /api/trace"] = Rights.Read,
        ["PATCH /api/traces/{trace_id}"] = Rights.Evaluate,
        ["PATCH /api/trace"] = Rights.Evaluate,
        ["DELETE /api/traces/{trace_id}"] = Rights.Admin,
        ["DELETE /api/trace"] = Rights.Admin,
        ["POST /api/evaluations"] = Rights.Evaluate,
        ["GET /api/subscriptions"] = Rights.Admin,
        ["POST /api/subscriptions"] = Rights.Admin,
        ["GET /api/subscriptions/{id:long}"] = Rights.Admin,
        ["PATCH /api/subscriptions/{id:long}"] = Rights.Admin,
        ["DELETE /api/subscriptions/{id:long}"] = Rights.Admin,
        ["POST /api/subscriptions/{id:long}/secret"] = Rights.Admin,
        ["POST /api/subscriptions/{id:long}/test"] = Rights.Admin,
        ["GET /api/subscriptions/{id:long}/deliveries"] = Rights.Admin,
        ["POST /api/subscriptions/{id:long}/deliveries/{delivery:long}/redeliver"] = Rights.Admin,
        ["GET /api/keys"] = Rights.Admin,
        ["POST /api/keys"] = Rights.Admin,
        ["DELETE /api/keys/{id:int}"] = Rights.Admin,
        ["GET /api/webhook-secrets"] = Rights.Admin,
        ["POST /api/webhook-secrets"] = Rights.Admin,
        ["DELETE /api/webhook-secrets/{id:int}"] = Rights.Admin,
        ["GET /api/alerts"] = Rights.Read,
        ["POST /api/alerts/{id:guid}/acknowledge"] = Rights.Evaluate,
        ["GET /api/alert-rules"] = Rights.Read,
        ["POST /api/alert-rules"] = Rights.Admin,
        ["PATCH /api/alert-rules/{key}"] = Rights.Admin,
        ["DELETE /api/alert-rules/{key}"] = Rights.Admin,
        ["PUT /api/alert-rules/{key}/mute"] = Rights.Evaluate,
        ["DELETE /api/alert-rules/{key}/mute"] = Rights.Evaluate,
        ["GET /api/projects"] = Rights.Read,
        [ForOwners] = Rights.Admin,
        [SignOut] = Rights.None,
        ["GET /sign-in/provider"] = Rights.None,
        ["GET /sdk"] = Rights.None,
        ["GET /sdk/{name}"] = Rights.None,
        ["GET /openapi/{documentName}.json"] = Rights.Read,
        ["GET /reference/{documentName?}"] = Rights.Read,
        ["GET /reference/favicon.svg"] = Rights.Read,
        ["GET /reference/scalar.aspnetcore.js"] = Rights.Read,
        ["GET /reference/scalar.js"] = Rights.Read,
    };

    /// <summary>Every page, and what it needs of a person. Keys open none.</summary>
    private static readonly Dictionary<string, Rights> Pages = new()
    {
        ["/"] = Rights.Read,
        ["/traces"] = Rights.Read,
        ["/traces/{Id}"] = Rights.Read,
        ["/trace"] = Rights.Read,
        ["/review"] = Rights.Evaluate,
        ["/start"] = Rights.Read,
        ["/alerts"] = Rights.Read,
        ["/monitoring"] = Rights.Read,
        ["/settings"] = Rights.Read,
        ["/settings/reasons"] = Rights.Admin,
        ["/settings/webhooks"] = Rights.Admin,
        ["/settings/keys"] = Rights.Admin,
        ["/settings/projects"] = Rights.Read,
        ["/settings/people"] = Rights.Admin,
        ["/settings/audit"] = Rights.Admin,
        ["/account"] = Rights.Read,
        ["/account/sessions"] = Rights.Read,
        ["/sign-in"] = Rights.None,
        ["/join"] = Rights.None,
        ["/setup"] = Rights.None,
        ["/settings/signatures"] = Rights.Admin,
        ["/not-found"] = Rights.Read,
    };

    private const string SignOut = "POST /sign-out";

    /// <summary>What admins and keys may not either.</summary>
    private const string ForOwners = "POST /api/projects";

    private const string Owner = "an owner";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryCallerGetsWhatTheirRightsAllowAndNothingElse()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        List<(string Name, Dictionary<string, string> Headers, Rights Rights, bool IsPerson)> callers = await MakeCallersAsync(server);
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server.Url };
        List<string> wrong = [];
        int asked = 0;
        foreach ((string method, string pattern, Rights needed, bool isPage) in Asked())
        {
            foreach ((string name, Dictionary<string, string> headers, Rights rights, bool isPerson) in callers)
            {
                bool may = $"{method} {pattern}" == ForOwners
                    ? name == Owner
                    : needed == Rights.None || ((rights & needed) == needed && (isPerson || !isPage));
                int status = await AskAsync(http, method, pattern, headers);
                bool was = status is not (401 or 403);
                asked++;
                if (may != was)
                {
                    wrong.Add($"{name}: {method} {pattern} needs {needed}, has {rights}, got {status}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(asked > 300, $"Only {asked} were asked.");
    }

    [Fact]
    public async Task NoEndpointIsWithoutARow()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);

        string[] endpoints = [.. server.Routes().Where(e => !ProductRoutes.IsPage(e)).SelectMany(ProductRoutes.Names).Distinct()];
        string[] pages = [.. server.Routes().Where(ProductRoutes.IsPage).Select(e => "/" + e.RoutePattern.RawText!.Trim('/')).Distinct()];

        Assert.Equal(Endpoints.Keys.Order(), endpoints.Order());
        Assert.Equal(Pages.Keys.Order(), pages.Order());
    }

    [Fact]
    public async Task AnothersProjectIsNotThereForAPersonOrAKey()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        Project other = await server.MakeProjectAsync("other");
        NewApiKey own = await server.MakeKeyAsync();
        NewApiKey others = await server.MakeKeyAsync(project: other.Id);
        string person = await server.SignInAsync(Role.Admin);
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server.Url };
        Assert.Equal(200, await StatusAsync(http, "POST", "/webhook/trace", Key(others), """{"trace_id":"t","model_name":"m","user_query":"q","ai_response":"a"}"""));

        Assert.Equal(200, await StatusAsync(http, "GET", "/api/traces/t", Key(others)));
        Assert.Equal(200, await StatusAsync(http, "GET", "/p/other/api/traces/t", Key(others)));
        Assert.Equal(404, await StatusAsync(http, "GET", "/api/traces/t", Key(own)));
        Assert.Equal(404, await StatusAsync(http, "GET", "/p/other/api/traces/t", Key(own)));
        Assert.Equal(404, await StatusAsync(http, "GET", "/p/other/api/traces/t", Cookie(person)));
        Assert.Equal(404, await StatusAsync(http, "GET", "/p/nobodys/api/traces/t", Cookie(person)));
        Assert.Equal(404, await StatusAsync(http, "GET", "/api/traces/t", Cookie(person)));
    }

    [Theory]
    [InlineData("/p/other/traces")]
    [InlineData("/p/nobodys/traces")]
    public async Task APersonWhoFollowsALinkIntoAProjectThatIsNotTheirsIsToldOnAPageOfTheirOwn(string link)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.MakeProjectAsync("other");
        using HttpClient http = new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = server.Url };
        using var request = new HttpRequestMessage(HttpMethod.Get, link);
        request.Headers.Add("Accept", "text/html");
        foreach ((string name, string value) in Cookie(await server.SignInAsync(Role.Reviewer)))
        {
            request.Headers.Add(name, value);
        }

        using HttpResponseMessage page = await http.SendAsync(request, Cancel);

        Assert.Equal("/p/default/not-found", page.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.Contains("a project that you are not in", await page.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnlyOwnersMakeProjects()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        using HttpClient http = new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = server.Url };
        Dictionary<string, string> owner = Cookie(await server.SignInAsync(null, owner: true));

        Assert.Equal(403, await StatusAsync(http, "POST", "/api/projects", Cookie(await server.SignInAsync(Role.Admin)), """{"slug":"a"}"""));
        Assert.Equal(403, await StatusAsync(http, "POST", "/api/projects", Key(await server.MakeKeyAsync()), """{"slug":"a"}"""));
        Assert.Equal(201, await StatusAsync(http, "POST", "/api/projects", owner, """{"slug":"a"}"""));
    }

    [Theory]
    [InlineData("Origin", "https://evil.example", 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-origin", 404)]
    public async Task APageOfAnotherSiteCannotUseTheCookie(string header, string value, int expected)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        Dictionary<string, string> headers = new(Cookie(await server.SignInAsync(Role.Admin))) { [header] = value };
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server.Url };

        Assert.Equal(expected, await StatusAsync(http, "DELETE", "/api/traces/t", headers));
        Assert.Equal(expected == 403 ? 403 : 200, await StatusAsync(http, "POST", "/_blazor/negotiate?negotiateVersion=1", headers));
        Assert.Equal(200, await StatusAsync(http, "GET", "/traces", headers));
    }

    [Fact]
    public async Task AKeyWorksAndEndsOnEveryReplicaWithinTwoSeconds()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using TestServer one = await TestServer.StartAsync(database);
        await using TestServer two = await TestServer.StartAsync(database);
        NewApiKey key = await one.MakeKeyAsync(Rights.Read);

        Assert.Equal(200, await StatusAsync(two.Http, "GET", "/webhook/stats", Key(key)));
        using HttpClient reader = two.As("X-API-Key", key.Token);
        await using TestStream stream = await TestStream.OpenAsync(reader, "/stream/events", null);
        await stream.NextAsync("connected");
        await one.RevokeAsync(key);
        Assert.Equal(401, await StatusAsync(one.Http, "GET", "/webhook/stats", Key(key)));
        await stream.EndAsync(TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(async () => await StatusAsync(two.Http, "GET", "/webhook/stats", Key(key)) == 401, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task WhoIsDisabledIsOutOnEveryReplicaWithinSeconds()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using TestServer one = await TestServer.StartAsync(database);
        await using TestServer two = await TestServer.StartAsync(database);
        string session = await one.SignInAsync(Role.Viewer);
        Assert.Equal(200, await StatusAsync(two.Http, "GET", "/webhook/stats", Cookie(session)));
        Users people = one.Services.GetRequiredService<Users>();
        User user = Assert.Single(await people.ListAsync(Projects.Default, all: true, Cancel)).User;
        await using OpenPage page = OpenPage.By(two, session);
        await Eventually.TrueAsync(async () => await page.Get<PageCaller>().FindAsync() is not null);
        using HttpClient reader = two.As("Cookie", $"llmeval-session={session}");
        await using TestStream stream = await TestStream.OpenAsync(reader, "/stream/events", null);
        await stream.NextAsync("connected");

        await people.SetDisabledAsync(user.Id, true, new Actor("Tester"), Cancel);

        Assert.Equal(401, await StatusAsync(one.Http, "GET", "/webhook/stats", Cookie(session)));
        await Eventually.TrueAsync(async () => await StatusAsync(two.Http, "GET", "/webhook/stats", Cookie(session)) == 401, TimeSpan.FromSeconds(5));
        await stream.EndAsync();
        Assert.Null(await page.Get<PageCaller>().FindAsync());
    }

    /// <summary>Everything of a project, asked by who belongs to another: nothing is there, whatever they may do in their own.</summary>
    [Fact]
    public async Task WhoBelongsToAnotherProjectFindsNothingAnywhere()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        Project other = await server.MakeProjectAsync("other");
        (string Name, Dictionary<string, string> Headers)[] strangers =
        [
            ("a key of another project", Key(await server.MakeKeyAsync(project: other.Id))),
            ("an admin of another project", Cookie(await server.SignInAsync(Role.Admin, other.Id))),
        ];
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server.Url };
        List<string> wrong = [];
        foreach ((string method, string pattern, _, _) in Asked().Where(row => row.Needed != Rights.None))
        {
            foreach ((string name, Dictionary<string, string> headers) in strangers)
            {
                int status = await AskAsync(http, method, "/p/default" + pattern, headers);
                if (status != 404)
                {
                    wrong.Add($"{name}: {method} {pattern} got {status}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    /// <summary>Nobody can try names: where they have no rights, a project that is there answers as one that is not.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnothersProjectAnswersAsOneThatIsNotThere(bool hasSecrets)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        Project other = await server.MakeProjectAsync("other");
        NewApiKey own = await server.MakeKeyAsync();
        if (hasSecrets)
        {
            await server.Services.GetRequiredService<WebhookSecrets>().CreateAsync(other.Id, replace: true, new Actor("Tester"), Cancel);
        }

        (string Name, Dictionary<string, string> Headers)[] strangers =
        [
            ("nobody", []),
            ("nobody with a signature", new() { ["X-Signature-256"] = $"sha256={new string('0', 64)}" }),
            ("a key of another project", Key(own)),
            ("an admin of another project", Cookie(await server.SignInAsync(Role.Admin))),
            ("a person of no project", Cookie(await server.SignInAsync(role: null))),
        ];
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server.Url };
        List<string> wrong = [];
        int asked = 0;
        foreach ((string method, string pattern, Rights needed, _) in Asked().Where(row => row.Pattern != "/sign-out").Append(("GET", "/nothing/at/all", Rights.Read, false)))
        {
            foreach ((string name, Dictionary<string, string> headers) in strangers)
            {
                foreach (string accept in (string[])["application/json", "text/html"])
                {
                    Dictionary<string, string> all = new(headers) { ["Accept"] = accept };
                    string path = ProductRoutes.Fill(pattern);
                    string there = await AnswerAsync(http, method, "/p/other", path, all, needed);
                    string nowhere = await AnswerAsync(http, method, "/p/nobodys", path, all, needed);
                    asked++;
                    if (there != nowhere)
                    {
                        wrong.Add($"{name}: {method} {pattern} as {accept}: {there} and {nowhere}");
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(asked > 500, $"Only {asked} were asked.");
    }

    /// <summary>Whoever may do everything finds that it is not there, and stores nothing in it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AProjectThatIsNotThereIsNotThereForAnybody(bool isOpen)
    {
        await using TestServer server = await TestServer.StartAsync(
            DatabaseKind.Sqlite, new Dictionary<string, string?> { ["WEBHOOK_SECRET"] = "a secret of the server" });
        Dictionary<string, string> owner = isOpen ? [] : Cookie(await server.SignInAsync(null, owner: true));
        byte[] body = """{"trace_id":"t","model_name":"m","user_query":"q","ai_response":"a"}"""u8.ToArray();
        string signature = Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData("a secret of the server"u8, body));
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server.Url };

        foreach ((string method, string pattern, _, _) in Asked().Where(row => row.Needed != Rights.None))
        {
            Assert.Equal((404, pattern), (await AskAsync(http, method, "/p/nobodys" + pattern, owner), pattern));
        }

        Dictionary<string, string> signed = new() { ["X-Signature-256"] = $"sha256={signature}" };
        Assert.Equal(isOpen ? 404 : 401, await StatusAsync(http, "POST", "/p/nobodys/webhook/trace", signed, Encoding.UTF8.GetString(body)));
        Assert.Equal(200, await StatusAsync(http, "POST", "/webhook/trace", signed, Encoding.UTF8.GetString(body)));
    }

    [Fact]
    public async Task AStreamTokenOpensTheStreamsOfItsProjectAndNothingElse()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        Project other = await server.MakeProjectAsync("other");
        string[] tokens = [await TokenAsync(server, await server.MakeKeyAsync()), await TokenAsync(server, await server.MakeKeyAsync(project: other.Id))];
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server.Url };
        List<string> wrong = [];
        foreach ((string method, string pattern, _, _) in Asked().Where(row => row.Needed != Rights.None))
        {
            bool isStream = pattern.StartsWith("/stream/", StringComparison.Ordinal);
            foreach ((string token, int expected) in tokens.Zip((int[])[isStream ? 200 : 401, isStream ? 404 : 401]))
            {
                int status = await StatusAsync(http, method, $"/p/default{ProductRoutes.Fill(pattern)}?access_token={token}", [], "{");
                if (status != expected)
                {
                    wrong.Add($"{method} {pattern} got {status} and not {expected}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    /// <summary>It would send back what a browser adds by itself.</summary>
    [Fact]
    public async Task TraceSendsNothingBack()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        foreach (string path in (string[])["/", "/webhook/stats", "/sign-in", "/nothing"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Trace, path);
            request.Headers.Add("Cookie", "llmeval-session=echoed");
            using HttpResponseMessage answer = await server.Http.SendAsync(request, Cancel);

            Assert.InRange((int)answer.StatusCode, 400, 499);
            Assert.DoesNotContain("echoed", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }
    }

    private static async Task<string> TokenAsync(TestServer server, NewApiKey key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/stream-tokens") { Headers = { { "X-API-Key", key.Token } } };
        using HttpResponseMessage answer = await server.Http.SendAsync(request, Cancel);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("token").GetString()!;
    }

    private static async Task<List<(string Name, Dictionary<string, string> Headers, Rights Rights, bool IsPerson)>> MakeCallersAsync(TestServer server)
    {
        Project other = await server.MakeProjectAsync("other");
        NewApiKey revoked = await server.MakeKeyAsync();
        await server.RevokeAsync(revoked);
        NewApiKey good = await server.MakeKeyAsync();
        List<(string, Dictionary<string, string>, Rights, bool)> callers =
        [
            ("nobody", [], Rights.None, false),
            ("a revoked key", Key(revoked), Rights.None, false),
            ("an expired key", Key(await server.MakeKeyAsync(expires: DateTime.UnixEpoch)), Rights.None, false),
            ("a guessed key", new() { ["X-API-Key"] = good.Token[..^1] + (good.Token[^1] == 'A' ? 'B' : 'A') }, Rights.None, false),
            ("two keys", new() { ["X-API-Key"] = good.Token, ["Authorization"] = $"Bearer {good.Token}" }, Rights.None, false),
            ("a password", new() { ["Authorization"] = "Basic YTpi" }, Rights.None, false),
            ("a made-up session", Cookie("x"), Rights.None, true),
            ("a viewer", Cookie(await server.SignInAsync(Role.Viewer)), Rights.Read, true),
            ("a reviewer", Cookie(await server.SignInAsync(Role.Reviewer)), Rights.Read | Rights.Evaluate, true),
            ("an admin", Cookie(await server.SignInAsync(Role.Admin)), Rights.All, true),
            (Owner, Cookie(await server.SignInAsync(null, owner: true)), Rights.All, true),
            ("a disabled owner", Cookie(await server.SignInAsync(null, owner: true, disabled: true)), Rights.None, true),
            ("an ended session", Cookie(await server.SignInAsync(Role.Admin, ended: true)), Rights.None, true),
        ];
        foreach (Rights scope in Enum.GetValues<Rights>().Where(r => r is not (Rights.None or Rights.All)))
        {
            callers.Add(($"a key for {scope}", Key(await server.MakeKeyAsync(scope)), RightsOf.Scopes(scope), false));
        }

        return callers;
    }

    private static IEnumerable<(string Method, string Pattern, Rights Needed, bool IsPage)> Asked() =>
    [
        .. Endpoints.Where(row => row.Key != SignOut).Select(row => (row.Key.Split(' ')[0], row.Key.Split(' ')[1], row.Value, false)),
        .. Endpoints.Where(row => row.Key.StartsWith("GET ", StringComparison.Ordinal) && !row.Key.Contains("/stream/", StringComparison.Ordinal))
            .Select(row => ("HEAD", row.Key.Split(' ')[1], row.Value, false)),
        .. Pages.Select(row => ("GET", row.Key, row.Value, true)),
        .. Pages.Select(row => ("HEAD", row.Key, row.Value, true)),
        ("POST", "/_blazor/negotiate", Rights.Read, true),

        // The last: it ends the sessions that ask.
        ("POST", "/sign-out", Rights.None, false),
    ];

    private static Dictionary<string, string> Key(NewApiKey key) => new() { ["X-API-Key"] = key.Token };

    private static Dictionary<string, string> Cookie(string token) => new() { ["Cookie"] = $"llmeval-session={token}" };

    private static Task<int> AskAsync(HttpClient http, string method, string pattern, Dictionary<string, string> headers) =>
        StatusAsync(http, method, ProductRoutes.Fill(pattern), headers, "{");

    /// <summary>All that tells one answer from another, but for the name in the address. What everybody may see has figures and tokens in it.</summary>
    private static async Task<string> AnswerAsync(
        HttpClient http, string method, string project, string path, Dictionary<string, string> headers, Rights needed)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), project + path);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (method is "POST" or "PATCH" or "PUT")
        {
            request.Content = new StringContent("{", Encoding.UTF8, "application/json");
        }

        using HttpResponseMessage answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        string body = needed == Rights.None ? "" : await answer.Content.ReadAsStringAsync(Cancel);
        return $"{(int)answer.StatusCode} {answer.Content.Headers.ContentType} {answer.Headers.Location} {answer.Headers.WwwAuthenticate} {answer.Headers.CacheControl} {body}"
            .Replace(project, "/p/…", StringComparison.Ordinal)
            .Replace(Uri.EscapeDataString(project), "/p/…", StringComparison.Ordinal);
    }

    private static async Task<int> StatusAsync(HttpClient http, string method, string path, Dictionary<string, string> headers, string body = "")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (method is "POST" or "PATCH")
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using HttpResponseMessage answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        return (int)answer.StatusCode;
    }
}
