using System.Net;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Startup;

/// <summary>In section <c>LlmEval</c>: which proxies are believed.</summary>
public sealed class ProxyOptions
{
    /// <summary>
    /// Addresses or networks, <c>10.0.0.5</c> or <c>10.0.0.0/24</c>. What these say in <c>X-Forwarded-For</c> and
    /// <c>X-Forwarded-Proto</c> holds; of anybody else it is not looked at.
    /// </summary>
    public string[] Proxies { get; set; } = [];

    internal static IPNetwork? Parse(string text) =>
        IPAddress.TryParse(text, out IPAddress? address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : IPNetwork.TryParse(text, out IPNetwork network) ? network
        : null;
}

internal sealed class ProxyOptionsValidator : IValidateOptions<ProxyOptions>
{
    public ValidateOptionsResult Validate(string? name, ProxyOptions options) =>
        options.Proxies.FirstOrDefault(proxy => ProxyOptions.Parse(proxy) is null) is { } wrong
            ? ValidateOptionsResult.Fail($"LlmEval:Proxies has \"{wrong}\", which is neither an address like 10.0.0.5 nor a network like 10.0.0.0/24")
            : ValidateOptionsResult.Success;
}
