using System.Net;
using System.Text.Json;
using LlmEval.E2E.Drills;

namespace LlmEval.E2E.Deployment;

/// <summary>What <c>deploy/nginx.conf</c> does by itself, before servers that only say what they heard.</summary>
public class NginxTests
{
    private static readonly (string, string)[] BehindAProxy =
    [
        ("# set_real_ip_from 10.0.0.5;", "set_real_ip_from 127.0.0.1;"),
        ("# real_ip_header X-Forwarded-For;", "real_ip_header X-Forwarded-For;"),
        ("# 10.0.0.5 1;", "127.0.0.1 1;"),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public NginxTests() => BenchRun.Needs("nginx", File.Exists("/usr/sbin/nginx"));

    [Theory]
    [InlineData("GET", "/api/traces")]
    [InlineData("POST", "/webhook/trace")]
    [InlineData("POST", "/api/traces/import")]
    [InlineData("GET", "/style.html")]
    public async Task WhenNoServerAnswersItSaysSoAsServersDo(string method, string path)
    {
        await using Nginx nginx = await Nginx.StartAsync();

        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = method == "POST" ? new StringContent("{}") : null };
        using HttpResponseMessage answer = await nginx.Http.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        JsonElement problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(["type", "title", "status", "detail", "success", "message", "errors"], problem.EnumerateObject().Select(p => p.Name));
        Assert.Equal(503, problem.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task WhatAllServersRefuseIsSaidByOneOfThemEachTime()
    {
        await using EchoServer server = EchoServer.Start(HttpStatusCode.ServiceUnavailable);
        await using Nginx nginx = await Nginx.StartAsync(server.Port);

        for (int i = 0; i < 20; i++)
        {
            using HttpResponseMessage answer = await nginx.Http.GetAsync(new Uri("/api/traces", UriKind.Relative), Cancel);

            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal("7", answer.Headers.RetryAfter?.ToString());
        }
    }

    [Fact]
    public async Task NobodySaysTheSchemeOrTheAddressOfACallerButNginx()
    {
        await using EchoServer server = EchoServer.Start(HttpStatusCode.OK);
        await using Nginx nginx = await Nginx.StartAsync(server.Port);

        Assert.Equal("127.0.0.1 http", await AskAsync(nginx));
    }

    [Fact]
    public async Task BehindAProxyThatIsNamedWhatThatSaysHolds()
    {
        await using EchoServer server = EchoServer.Start(HttpStatusCode.OK);
        await using Nginx nginx = await Nginx.StartAsync(server.Port, BehindAProxy);

        Assert.Equal("203.0.113.9 https", await AskAsync(nginx));
    }

    [Fact]
    public async Task WithACertificateItSpeaksTls()
    {
        await using EchoServer server = EchoServer.Start(HttpStatusCode.OK);
        await using Nginx nginx = await Nginx.StartAsync(server.Port, [], tls: true);

        Assert.Equal("127.0.0.1 https", await AskAsync(nginx));
    }

    private static async Task<string> AskAsync(Nginx nginx)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        request.Headers.Add("X-Forwarded-For", "203.0.113.9");
        request.Headers.Add("X-Forwarded-Proto", "https");
        using HttpResponseMessage answer = await nginx.Http.SendAsync(request, Cancel);
        return await answer.Content.ReadAsStringAsync(Cancel);
    }
}
