using System.ComponentModel.DataAnnotations;

namespace LlmEval.Core.Outbound;

/// <summary>Section <c>LlmEval:Outbound</c>.</summary>
public sealed class OutboundOptions
{
    /// <summary>Lets deliveries go to this machine and to networks that are nobody's but their owner's.</summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>Hosts, as addresses name them, that deliveries may go to wherever they lie.</summary>
    public string[] AllowedHosts { get; set; } = [];

    /// <summary>For one attempt, from the look-up of the name to the end of what is read of the answer.</summary>
    [Range(1, 60)]
    public int TimeoutSeconds { get; set; } = 15;

    /// <summary>A subscription that nothing reached for this long is turned off.</summary>
    [Range(1, 365)]
    public int DisableAfterDays { get; set; } = 5;

    /// <summary>How long deliveries stay listed, at most 10,000 of a subscription.</summary>
    [Range(1, 365)]
    public int KeepDays { get; set; } = 7;
}
