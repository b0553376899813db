using System.Net;
using LlmEval.Web.Startup;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Limits;

/// <summary>
/// Of all connections that a replica takes, one network holds at most half: whoever opens as many as they can leaves room for others. Proxies
/// that are configured and this machine speak for many, and hold any number.
/// </summary>
internal sealed class ConnectionShares(IOptions<LimitOptions> limits, IOptions<ProxyOptions> proxies)
{
    private readonly int _share = (limits.Value.Connections + 1) / 2;
    private readonly IPNetwork[] _proxies = [.. proxies.Value.Proxies.Select(proxy => ProxyOptions.Parse(proxy)!.Value)];
    private readonly KeyedShares _open = new();

    /// <summary>Stands before everything that is said on a connection.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) => connection =>
        _share > 0 && connection.RemoteEndPoint is IPEndPoint { Address: { } address } && IsLimited(address)
            ? CountedAsync(connection, NetworkGroup.Of(address), next)
            : next(connection);

    private async Task CountedAsync(ConnectionContext connection, string network, ConnectionDelegate next)
    {
        if (!_open.TryTake(network, _share, 1))
        {
            connection.Abort();
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            _open.GiveBack(network, 1);
        }
    }

    private bool IsLimited(IPAddress address)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return !IPAddress.IsLoopback(plain) && !_proxies.Any(network => network.Contains(plain));
    }
}
