using System.Net;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Access;

public class LoopbackOnlyTests
{
    [Theory]
    [InlineData("Host", "llmeval.example.com")]
    [InlineData("Host", "127.0.0.1.example.com")]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    public async Task WhoeverMayComeFromElsewhereIsTurnedAwayWithEveryHeaderOfAnAnswer(string header, string value)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/webhook/stats");
        request.Headers.TryAddWithoutValidation(header, value);

        using HttpResponseMessage answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("default-src 'self'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }
}
