using System.Net;
using LlmEval.Web.Problems;

namespace LlmEval.Web.Access;

/// <summary>
/// Until there are keys and sign-in, whoever reaches the server has all rights; so only this machine may reach it. A browser page
/// of another site that points its own name at 127.0.0.1 is kept out by the Host header.
/// </summary>
internal sealed class LoopbackOnly(RequestDelegate next)
{
    private static readonly string[] Forwarding = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP"];

    public Task InvokeAsync(HttpContext context)
    {
        // No peer address means no network: a test's in-memory server or a Unix socket.
        bool local = IsLoopback(context.Request.Host.Host)
            && IPAddress.IsLoopback(context.Connection.RemoteIpAddress ?? IPAddress.Loopback)
            && !Forwarding.Any(context.Request.Headers.ContainsKey);
        return local
            ? next(context)
            : new Problem(StatusCodes.Status403Forbidden, "Only this machine", "This server answers only requests to localhost from the same machine.")
            { Errors = ["Use http://localhost or http://127.0.0.1 on the machine that runs the server."] }.WriteAsync(context);
    }

    /// <exception cref="OpenAddressException"/>
    public static void ThrowUnlessLoopback(IEnumerable<string> addresses)
    {
        foreach (string address in addresses)
        {
            if (!IsLoopback(BindingAddress.Parse(address).Host))
            {
                throw new OpenAddressException(
                    $"The address {address} would open the server to other machines, and it has no sign-in yet. "
                    + "Set ASPNETCORE_URLS or --urls to an address on localhost or 127.0.0.1.");
            }
        }
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}

/// <summary>The server was told to listen where other machines could reach it.</summary>
internal sealed class OpenAddressException(string message) : Exception(message);
