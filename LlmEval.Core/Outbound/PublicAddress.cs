using System.Net;
using System.Net.Sockets;

namespace LlmEval.Core.Outbound;

/// <summary>
/// Tells addresses of the public internet from all others: this machine, private networks, those that carry a private address
/// inside, and what is reserved. Sources: IANA's special-purpose address registries for IPv4 and IPv6.
/// </summary>
internal static class PublicAddress
{
    private static readonly IPNetwork[] SpecialV4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork GlobalV6 = IPNetwork.Parse("2000::/3");

    // Within the global range: protocols, Teredo, documentation, and 6to4, which leads to whatever IPv4 it names.
    private static readonly IPNetwork[] SpecialV6 =
        [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return Is(address.MapToIPv4());
        }

        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return !SpecialV4.Any(network => network.Contains(address));
        }

        if (Nat64.Contains(address))
        {
            return Is(new IPAddress(address.GetAddressBytes().AsSpan(12)));
        }

        // A zone says which network of this machine: never a public one.
        return address.ScopeId == 0 && GlobalV6.Contains(address) && !SpecialV6.Any(network => network.Contains(address));
    }
}
