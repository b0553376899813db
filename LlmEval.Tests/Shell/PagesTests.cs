using System.Net;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Shell;

public class PagesTests
{
    [Fact]
    public async Task PeopleGetPagesAndProgramsGetAnswers()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);

        using HttpResponseMessage start = await GetAsync(server, "/", "text/html");
        Assert.Equal("/", start.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.Contains("<h1", await BodyAsync(start), StringComparison.Ordinal);
        Assert.Contains("script-src 'self';", start.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", await BodyAsync(start), StringComparison.Ordinal);

        using HttpResponseMessage missing = await GetAsync(server, "/no/such/page", "text/html");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Contains("There is no such page", await BodyAsync(missing), StringComparison.Ordinal);

        using HttpResponseMessage api = await GetAsync(server, "/api/no/such/thing", "application/json");
        Assert.Equal(HttpStatusCode.NotFound, api.StatusCode);
        Assert.DoesNotContain("<h1", await BodyAsync(api), StringComparison.Ordinal);

        using HttpResponseMessage font = await GetAsync(server, "/lib/fonts/inter-latin.woff2", "*/*");
        Assert.Equal(HttpStatusCode.OK, font.StatusCode);
    }

    [Theory]
    [InlineData("/", "Last 24 hours, compared with")]
    [InlineData("/?range=15m", "Last 15 minutes, compared with")]
    public async Task WhatIsSentBeforeAPageIsLiveIsOfTheRangeOfItsAddress(string address, string says)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);

        using HttpResponseMessage page = await GetAsync(server, address, "text/html");

        Assert.Contains(says, await BodyAsync(page), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> GetAsync(TestServer server, string path, string accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd(accept);
        return server.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static Task<string> BodyAsync(HttpResponseMessage answer) => answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
}
