using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Outbound;

/// <summary>Looks a host up; a test puts its own in this place.</summary>
public delegate Task<IPAddress[]> HostLookup(string host, CancellationToken cancel);

/// <summary>The address that a name leads to is not one that deliveries may go to.</summary>
public sealed class RefusedAddressException(string message) : IOException(message);

/// <summary>
/// Keeps deliveries away from this machine and its network. Asked when an address is saved, to say so at once, and again for every
/// connection, because a name may lead elsewhere by then: what was looked up is what is connected to.
/// </summary>
public sealed class AddressGuard(IOptions<OutboundOptions> options, HostLookup lookup)
{
    /// <summary>Null when deliveries may go there, else a sentence.</summary>
    public async Task<string?> FindFaultAsync(Uri url, CancellationToken cancel)
    {
        try
        {
            await ResolveAsync(url.IdnHost, cancel);
            return null;
        }
        catch (RefusedAddressException e)
        {
            return e.Message;
        }
        catch (Exception e) when (e is SocketException or ArgumentException or UriFormatException)
        {
            // The latter for names that are none, too long or of no script.
            return $"the host {url.Host} cannot be found";
        }
    }

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        IPAddress[] addresses = await ResolveAsync(context.DnsEndPoint.Host, cancel);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <exception cref="RefusedAddressException">
    /// One of its addresses is not public: such a name is not to be trusted with the others either.
    /// </exception>
    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancel)
    {
        host = host.Trim('[', ']');
        IPAddress[] addresses = IPAddress.TryParse(host, out IPAddress? literal) ? [literal] : await lookup(host, cancel);
        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        OutboundOptions allowed = options.Value;
        return allowed.AllowPrivateAddresses
            || allowed.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase)
            || addresses.All(PublicAddress.Is)
            ? addresses
            : throw new RefusedAddressException(
                $"{host} leads to this machine or a private network, where webhooks may not go; the setting LlmEval__Outbound__AllowedHosts__0={host} allows it");
    }
}
