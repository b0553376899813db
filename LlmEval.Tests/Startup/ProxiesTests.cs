using System.Net;
using LlmEval.Tests.Support;
using LlmEval.Web.Startup;

namespace LlmEval.Tests.Startup;

/// <summary>Who asks is what the connection says, unless a proxy that is configured says otherwise.</summary>
public class ProxiesTests
{
    private const string FirstProxy = "LlmEval:Proxies:0";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("10.0.0.5", "10.0.0.5/32")]
    [InlineData("10.0.0.0/24", "10.0.0.0/24")]
    [InlineData("::1", "::1/128")]
    [InlineData("proxy.internal", null)]
    [InlineData("10.0.0.0/33", null)]
    [InlineData("", null)]
    public void AProxyIsAnAddressOrANetwork(string text, string? network) => Assert.Equal(network, ProxyOptions.Parse(text)?.ToString());

    [Fact]
    public void AnythingElseStopsTheStartWithItsName() => Assert.Contains(
        "LlmEval:Proxies has \"all\"", new ProxyOptionsValidator().Validate(null, new ProxyOptions { Proxies = ["127.0.0.1", "all"] }).FailureMessage, StringComparison.Ordinal);

    // The tests' own connections come from 127.0.0.1, and the server sets a cookie's name by the scheme that it believes.
    [Theory]
    [InlineData("127.0.0.1", "203.0.113.7", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1", "127.0.0.1", HttpStatusCode.Forbidden)]
    [InlineData("10.0.0.0/8", "127.0.0.1", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1", null, HttpStatusCode.OK)]
    public async Task WhatComesThroughAProxyIsNeverThisMachine(string proxy, string? forwardedFor, HttpStatusCode expected)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, new Dictionary<string, string?> { [FirstProxy] = proxy });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/webhook/stats");
        if (forwardedFor is not null)
        {
            request.Headers.Add("X-Forwarded-For", forwardedFor);
        }

        using HttpResponseMessage answer = await server.Http.SendAsync(request, Cancel);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Theory]
    [InlineData("127.0.0.1", "https")]
    [InlineData("10.0.0.0/8", "http")]
    public async Task OnlyAConfiguredProxySaysTheScheme(string proxy, string scheme)
    {
        await using TestServer server = await TestServer.StartAsync(
            DatabaseKind.Sqlite, new Dictionary<string, string?> { [FirstProxy] = proxy, ["LlmEval:AllowAnonymous"] = "true" });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sdk");
        request.Headers.Add("X-Forwarded-For", "203.0.113.7");
        request.Headers.Add("X-Forwarded-Proto", "https");

        using HttpResponseMessage answer = await server.Http.SendAsync(request, Cancel);

        Assert.Contains($"\"{scheme}://127.0.0.1:", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }
}
