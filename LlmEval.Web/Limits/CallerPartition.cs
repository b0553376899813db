using System.Net;
using System.Net.Sockets;
using LlmEval.Web.Access;

namespace LlmEval.Web.Limits;

/// <summary>For whom a request counts.</summary>
internal static class CallerPartition
{
    /// <param name="caller">Null for one that was not let in.</param>
    /// <returns>Null for this machine's own while nothing is set up, which has no limits.</returns>
    public static string? Of(HttpContext context, Caller? caller) => caller switch
    {
        { Kind: CallerKind.Open } when CallerFinder.IsThisMachine(context) => null,
        { Key: { } key } => $"key-{key.Id}",
        { Session: { } session } => $"session-{session.Id}",
        _ => $"address-{AddressOf(context.Connection.RemoteIpAddress)}",
    };

    /// <summary>
    /// The peer's: what a header says of it anybody can write. Of IPv6, the network that one customer is given: its addresses
    /// are free.
    /// </summary>
    private static string AddressOf(IPAddress? address)
    {
        if (address is null || address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6)
        {
            return address?.MapToIPv4().ToString() ?? "none";
        }

        return Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
    }
}
