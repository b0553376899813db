using System.Net;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Access;

/// <summary>While there is nothing to ask for, this machine has all rights, and nobody else has any.</summary>
public class OpenServerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Host", "llmeval.example.com")]
    [InlineData("Host", "127.0.0.1.example.com")]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("X-Forwarded-Proto", "http")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    [InlineData("CF-Connecting-IP", "127.0.0.1")]
    public async Task WhoeverMayComeFromElsewhereIsTurnedAwayWithEveryHeaderOfAnAnswer(string header, string value)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);

        using HttpResponseMessage answer = await server.Http.SendAsync(WithHeader(header, value), Cancel);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("default-src 'self'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AllowAnonymousLetsOthersInUntilThereIsAKey()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, new Dictionary<string, string?> { ["LlmEval:AllowAnonymous"] = "true" });
        using HttpResponseMessage before = await server.Http.SendAsync(WithHeader("X-Forwarded-For", "203.0.113.7"), Cancel);
        await server.MakeKeyAsync();

        using HttpResponseMessage after = await server.Http.SendAsync(WithHeader("X-Forwarded-For", "203.0.113.7"), Cancel);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (before.StatusCode, after.StatusCode));
    }

    /// <summary>A hostile page points its own name at the server: its browser then takes both for one site.</summary>
    [Theory]
    [InlineData("evil.example", null, HttpStatusCode.Forbidden)]
    [InlineData("evil.example", "llmeval.internal", HttpStatusCode.Forbidden)]
    [InlineData("LlmEval.internal:8000", "llmeval.internal", HttpStatusCode.OK)]
    [InlineData("evil.example", "*", HttpStatusCode.OK)]
    [InlineData("localhost:8000", null, HttpStatusCode.OK)]
    [InlineData("[::1]:8000", null, HttpStatusCode.OK)]
    public async Task AnOpenServerAnswersOnlyToItsOwnNames(string host, string? listed, HttpStatusCode expected)
    {
        Dictionary<string, string?> settings = new() { ["LlmEval:AllowAnonymous"] = "true" };
        if (listed is not null)
        {
            settings["LlmEval:AnonymousHosts:0"] = listed;
        }

        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, settings);

        using HttpResponseMessage answer = await server.Http.SendAsync(WithHeader("Host", host), Cancel);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Theory]
    [InlineData("Origin", "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "null", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.NotFound)]
    [InlineData("Origin", "http://localhost:5173", HttpStatusCode.NotFound)]
    [InlineData("Origin", "https://app.example.com", HttpStatusCode.NotFound)]
    [InlineData("X-Other", "nothing of a browser", HttpStatusCode.NotFound)]
    public async Task APageOfAnotherSiteChangesNothingOnAnOpenServer(string header, string value, HttpStatusCode expected)
    {
        await using TestServer server = await TestServer.StartAsync(
            DatabaseKind.Sqlite, new Dictionary<string, string?> { ["LlmEval:CrossOrigin:Origins:0"] = "https://app.example.com" });
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/api/traces/t");
        request.Headers.TryAddWithoutValidation(header, value);

        using HttpResponseMessage answer = await server.Http.SendAsync(request, Cancel);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task RequireSignInClosesTheServerFromTheStart()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, new Dictionary<string, string?> { ["LlmEval:RequireSignIn"] = "true" });

        using HttpResponseMessage answer = await server.Http.GetAsync("/webhook/stats", Cancel);
        using HttpResponseMessage health = await server.Http.GetAsync("/webhook/health", Cancel);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (answer.StatusCode, health.StatusCode));
    }

    private static HttpRequestMessage WithHeader(string header, string value)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/webhook/stats");
        request.Headers.TryAddWithoutValidation(header, value);
        return request;
    }
}
