using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using LlmEval.Core.Access;
using LlmEval.Tests.Access;
using LlmEval.Tests.People;
using LlmEval.Tests.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LlmEval.Tests.Limits;

/// <summary>Limits on what holds a connection open.</summary>
public class ConnectionLimitsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task APersonHasSoManyPagesOpenHoweverOftenTheySignIn()
    {
        await using TestServer server = await StartAsync(("PagesPerPerson", "2"));
        string one = await server.SignInAsync(Role.Viewer);
        string again = await server.SignInAgainAsync(one);
        string another = await server.SignInAsync(Role.Viewer);

        using ClientWebSocket first = await OpenAsync(server, one);
        using ClientWebSocket second = await OpenAsync(server, again);
        Assert.Equal(HttpStatusCode.TooManyRequests, await RefusedAsync(server, one));
        Assert.Equal(HttpStatusCode.TooManyRequests, await RefusedAsync(server, again));
        using ClientWebSocket others = await OpenAsync(server, another);

        // A page that is closed makes room.
        first.Abort();
        await Eventually.TrueAsync(async () => await RefusedAsync(server, again) is null);
    }

    [Theory]
    [InlineData("GET", "/_blazor?id=any")]
    [InlineData("POST", "/_blazor?id=any")]
    [InlineData("GET", "/_blazor/?id=any")]
    [InlineData("POST", "/_Blazor/?id=any")]
    [InlineData("GET", "/_blazor?id=any", "h2c")]
    public async Task APageIsKeptOverAWebSocketAndInNoOtherWay(string method, string path, string? upgrade = null)
    {
        await using TestServer server = await StartAsync();
        string person = await server.SignInAsync(Role.Viewer);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Cookie", $"llmeval-session={person}");
        if (upgrade is not null)
        {
            request.Headers.Connection.Add("Upgrade");
            request.Headers.Upgrade.ParseAdd(upgrade);
        }

        using HttpResponseMessage answer = await server.Http.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("WebSocket", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AskingForCircuitsCountsAsARequest()
    {
        await using TestServer server = await StartAsync(("RequestsPerMinute", "2"));
        string person = await server.SignInAsync(Role.Viewer);
        using HttpClient http = server.As("Cookie", $"llmeval-session={person}");

        List<HttpStatusCode> statuses = [];
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage answer = await http.PostAsync("/_blazor/negotiate?negotiateVersion=1", content: null, Cancel);
            statuses.Add(answer.StatusCode);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests], statuses);
    }

    [Fact]
    public async Task OpeningAPagesConnectionCountsAsARequest()
    {
        await using TestServer server = await StartAsync(("RequestsPerMinute", "2"));
        string person = await server.SignInAsync(Role.Viewer);

        (await OpenAsync(server, person)).Dispose();
        (await OpenAsync(server, person)).Dispose();

        Assert.Equal(HttpStatusCode.TooManyRequests, await RefusedAsync(server, person));
    }

    [Fact]
    public async Task TheServerTakesSoManyConnectionsAndClosesTheNext()
    {
        await using TestServer server = await StartAsync(("Connections", "3"));

        // The one by which the test has asked whether the server is ready is the first.
        using TcpClient second = await ConnectAsync(server);
        using TcpClient third = await ConnectAsync(server);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(second), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await AskAsync(third), StringComparison.Ordinal);
        using TcpClient fourth = await ConnectAsync(server);
        Assert.Equal("", await AskAsync(fourth));

        second.Dispose();
        await Eventually.TrueAsync(async () =>
        {
            using TcpClient next = await ConnectAsync(server);
            return (await AskAsync(next)).StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task WhatIsConfiguredIsWhatTheWebServerHoldsTo()
    {
        await using TestServer server = await StartAsync(("Connections", "700"), ("PageConnections", "300"));

        KestrelServerLimits limits = server.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.Equal(700, limits.MaxConcurrentConnections);
        Assert.Equal(300, limits.MaxConcurrentUpgradedConnections);
        Assert.Equal(TimeSpan.FromSeconds(15), limits.RequestHeadersTimeout);
        Assert.InRange(limits.MinRequestBodyDataRate!.BytesPerSecond, 100, 1_000);
        Assert.InRange(limits.MinResponseDataRate!.BytesPerSecond, 100, 1_000);
        Assert.InRange(limits.MaxRequestHeadersTotalSize, 1, 32 * 1024);
        Assert.InRange(limits.MaxRequestHeaderCount, 1, 100);
    }

    [Fact]
    public async Task WhereNothingIsSetConnectionsAndPagesHaveALimit()
    {
        await using TestServer server = await StartAsync();

        KestrelServerLimits limits = server.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.Equal(30_000, limits.MaxConcurrentConnections);
        Assert.Equal(5_000, limits.MaxConcurrentUpgradedConnections);
    }

    private static Task<TestServer> StartAsync(params (string Name, string Value)[] limits) =>
        TestServer.StartAsync(DatabaseKind.Sqlite, limits.ToDictionary(limit => $"LlmEval:Limits:{limit.Name}", limit => (string?)limit.Value));

    private static ClientWebSocket Socket(string session)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", $"llmeval-session={session}");
        socket.Options.CollectHttpResponseDetails = true;
        return socket;
    }

    private static Uri Circuits(TestServer server) => new($"ws://{server.Url.Authority}/_blazor");

    private static async Task<ClientWebSocket> OpenAsync(TestServer server, string session)
    {
        ClientWebSocket socket = Socket(session);
        await socket.ConnectAsync(Circuits(server), Cancel);
        return socket;
    }

    /// <returns>Null when it was not refused.</returns>
    private static async Task<HttpStatusCode?> RefusedAsync(TestServer server, string session)
    {
        using ClientWebSocket socket = Socket(session);
        try
        {
            await socket.ConnectAsync(Circuits(server), Cancel);
            return null;
        }
        catch (WebSocketException)
        {
            return socket.HttpStatusCode;
        }
    }

    private static async Task<TcpClient> ConnectAsync(TestServer server)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Url.Host, server.Url.Port, Cancel);
        return client;
    }

    /// <returns>What comes first; nothing when the connection was closed.</returns>
    private static async Task<string> AskAsync(TcpClient client)
    {
        byte[] buffer = new byte[256];
        try
        {
            await client.GetStream().WriteAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), Cancel);
            int read = await client.GetStream().ReadAsync(buffer, Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancel);
            return Encoding.Latin1.GetString(buffer, 0, read);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
