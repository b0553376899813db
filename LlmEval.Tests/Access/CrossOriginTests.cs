using System.Net;
using LlmEval.Tests.Support;
using LlmEval.Web.Access;
using Microsoft.Extensions.Options;

namespace LlmEval.Tests.Access;

/// <summary>Which sites' pages a browser lets read this server.</summary>
public class CrossOriginTests
{
    [Theory]
    [InlineData("http://localhost:5173", true)]
    [InlineData("http://127.0.0.1:3000", true)]
    [InlineData("http://[::1]:3000", true)]
    [InlineData("https://app.example.com", true)]
    [InlineData("http://app.example.com", false)]
    [InlineData("https://app.example.com.evil.test", false)]
    [InlineData("https://localhost.evil.test", false)]
    [InlineData("null", false)]
    public async Task OnlyListedOriginsAndThisMachineAreAllowed(string origin, bool allowed)
    {
        await using TestServer server = await TestServer.StartAsync(
            DatabaseKind.Sqlite, new Dictionary<string, string?> { ["LlmEval:CrossOrigin:Origins:0"] = "https://app.example.com" });

        using HttpResponseMessage asked = await SendAsync(server, HttpMethod.Options, "/webhook/trace", origin, "POST", "authorization,content-type,last-event-id");
        using HttpResponseMessage read = await SendAsync(server, HttpMethod.Get, "/webhook/stats", origin);
        using HttpResponseMessage wrong = await SendAsync(server, HttpMethod.Get, "/api/traces?no_such=1", origin);

        Assert.Equal(HttpStatusCode.NoContent, asked.StatusCode);
        foreach (HttpResponseMessage answer in (HttpResponseMessage[])[asked, read, wrong])
        {
            Assert.Equal(allowed ? origin : null, Header(answer, "Access-Control-Allow-Origin"));
            Assert.Null(Header(answer, "Access-Control-Allow-Credentials"));
        }
    }

    [Fact]
    public async Task EveryMethodOfTheInterfaceMayBeUsed()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        string[] used =
        [
            .. (await server.GetAsync("/openapi/v1.json")).GetProperty("paths").EnumerateObject()
                .SelectMany(path => path.Value.EnumerateObject().Select(method => method.Name.ToUpperInvariant())).Distinct(),
        ];

        using HttpResponseMessage asked = await SendAsync(server, HttpMethod.Options, "/webhook/trace", "http://localhost:5173", "PUT", "content-type");

        Assert.Contains("PUT", used);
        Assert.Empty(used.Except(Header(asked, "Access-Control-Allow-Methods")!.Split(',')));
    }

    [Fact]
    public async Task AStreamCanBeReadFromAnotherOrigin()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/stream/events");
        request.Headers.Add("Origin", "http://localhost:5173");

        using HttpResponseMessage answer = await server.Http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        Assert.Equal("http://localhost:5173", Header(answer, "Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("http://10.0.0.7:8080", true)]
    [InlineData("app.example.com", false)]
    [InlineData("https://app.example.com/", false)]
    [InlineData("ftp://app.example.com", false)]
    public void WhatIsNoOriginIsNamed(string origin, bool valid)
    {
        ValidateOptionsResult result = new CrossOriginOptionsValidator().Validate(name: null, new CrossOriginOptions { Origins = [origin] });

        Assert.Equal(valid, result.Succeeded);
        Assert.True(valid || result.FailureMessage!.Contains($"\"{origin}\"", StringComparison.Ordinal));
    }

    private static Task<HttpResponseMessage> SendAsync(
        TestServer server, HttpMethod method, string path, string origin, string? wants = null, string? headers = null)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Origin", origin);
        if (wants is not null)
        {
            request.Headers.Add("Access-Control-Request-Method", wants);
            request.Headers.Add("Access-Control-Request-Headers", headers);
        }

        return server.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.Single() : null;
}
