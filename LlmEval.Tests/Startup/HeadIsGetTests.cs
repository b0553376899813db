using System.Net;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Startup;

public sealed class HeadIsGetTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/traces")]
    [InlineData("/health")]
    [InlineData("/health/live")]
    [InlineData("/webhook/stats")]
    [InlineData("/api/traces")]
    [InlineData("/api/traces/none", HttpStatusCode.NotFound)]
    public async Task WhatIsReadIsAlsoAnsweredToWhoOnlyAsksForItsHead(string address, HttpStatusCode expected = HttpStatusCode.OK)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);

        // The same connection for both: a body that came nevertheless would be taken for the second answer.
        for (int i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, address);
            using HttpResponseMessage answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(expected, answer.StatusCode);
            Assert.Empty(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("/stream/events")]
    [InlineData("/p/default/stream/events")]
    [InlineData("/webhook/trace")]
    public async Task NothingWaitsForTheHeadOfWhatHasNoEndOrIsNotRead(string address)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        using var request = new HttpRequestMessage(HttpMethod.Head, address);
        using HttpResponseMessage answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }
}
