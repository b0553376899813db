using System.Net;
using LlmEval.Tests.Support;
using LlmEval.Web.Limits;
using LlmEval.Web.Startup;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LlmEval.Tests.Limits;

/// <summary>Nobody takes every connection.</summary>
public class ConnectionSharesTests
{
    private readonly List<TaskCompletionSource> _open = [];

    [Fact]
    public async Task OneNetworkHoldsAtMostHalfOfAllConnections()
    {
        ConnectionDelegate take = Shares(connections: 4);
        Task first = take(From("203.0.113.1"));
        Task second = take(From("::ffff:203.0.113.1"));

        ConnectionContext third = From("203.0.113.1");
        Assert.True(take(third).IsCompletedSuccessfully);

        Assert.Equal(2, _open.Count);
        await Eventually.TrueAsync(() => third.ConnectionClosed.IsCancellationRequested);
        _ = take(From("203.0.113.2"));
        Assert.Equal(3, _open.Count);
        Assert.False(second.IsCompleted);

        // One that ends makes room.
        _open[0].SetResult();
        await first;
        _ = take(From("203.0.113.1"));
        Assert.Equal(4, _open.Count);
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::2", 2)]
    [InlineData("127.0.0.1", "127.0.0.1", 6)]
    [InlineData("::1", "::1", 6)]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1", 6)]
    [InlineData("10.1.2.3", "::ffff:10.1.2.3", 6)]
    [InlineData("10.2.2.3", "10.2.2.3", 2)]
    public void ThisMachineAndProxiesHoldAnyNumber(string one, string other, int held)
    {
        ConnectionDelegate take = Shares(connections: 4);

        for (int i = 0; i < 3; i++)
        {
            _ = take(From(one));
            _ = take(From(other));
        }

        Assert.Equal(held, _open.Count);
    }

    [Fact]
    public void WithoutALimitThereAreNoShares()
    {
        ConnectionDelegate take = Shares(connections: 0);

        Task[] all = [.. Enumerable.Range(0, 10).Select(_ => take(From("203.0.113.1")))];

        Assert.Equal(all.Length, _open.Count);
    }

    [Fact]
    public async Task EveryAddressThatTheServerListensOnHasThem()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, new Dictionary<string, string?> { ["LlmEval:Limits:Connections"] = "4" });
        KestrelServerOptions kestrel = server.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value;
        ConnectionDelegate? take = null;

        // It would be listened on at the next start.
        kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Run(Hold);
            take = listen.Build();
        });
        for (int i = 0; i < 3; i++)
        {
            _ = take!(From("203.0.113.1"));
        }

        Assert.Equal(2, _open.Count);
    }

    private ConnectionDelegate Shares(int connections)
    {
        var limits = new LimitOptions { Connections = connections };
        var proxies = new ProxyOptions { Proxies = ["10.1.0.0/16"] };
        return new ConnectionShares(Options.Create(limits), Options.Create(proxies)).Before(Hold);
    }

    private Task Hold(ConnectionContext connection)
    {
        _open.Add(new TaskCompletionSource());
        return _open[^1].Task;
    }

    private static DefaultConnectionContext From(string address) => new("any") { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 50_000) };
}
