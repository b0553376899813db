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
        using HttpResponseMessage before = await server.Http.SendAsync(WithHeader("Host", "llmeval.example.com"), Cancel);
        await server.MakeKeyAsync();

        using HttpResponseMessage after = await server.Http.SendAsync(WithHeader("Host", "llmeval.example.com"), Cancel);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (before.StatusCode, after.StatusCode));
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
