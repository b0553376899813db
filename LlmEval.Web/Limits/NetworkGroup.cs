using System.Net;
using System.Net.Sockets;

namespace LlmEval.Web.Limits;

/// <summary>Which network addresses count as one caller: of IPv6, the network that one customer is given, since its addresses are free.</summary>
internal static class NetworkGroup
{
    public static string Of(IPAddress? address)
    {
        if (address is null || address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6)
        {
            return address?.MapToIPv4().ToString() ?? "none";
        }

        return Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
    }
}
