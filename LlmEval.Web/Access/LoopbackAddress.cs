using System.Net;

namespace LlmEval.Web.Access;

internal static class LoopbackAddress
{
    /// <param name="host">A name or an address, without a port.</param>
    public static bool Is(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}
