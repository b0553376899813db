namespace LlmEval.Web.Access;

/// <summary>In section <c>LlmEval</c>: who is let in.</summary>
public sealed class AccessOptions
{
    /// <summary>
    /// While there is no key and no user, everybody who reaches the server has all rights, from whatever machine. For a port that
    /// only this machine or a trusted network can reach.
    /// </summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>
    /// Names by which the server is reached while <see cref="AllowAnonymous"/> holds, beside <c>localhost</c> and loopback addresses,
    /// as <c>llmeval.internal</c>; <c>*</c> for all. Any other could be that of a hostile page whose name was pointed at this server.
    /// </summary>
    public string[] AnonymousHosts { get; set; } = [];

    internal bool IsAnonymousHost(string host) =>
        LoopbackAddress.Is(host) || AnonymousHosts.Contains(host, StringComparer.OrdinalIgnoreCase) || AnonymousHosts.Contains("*");

    /// <summary>Credentials are asked for from the first start on, on this machine too. The console shows the link by which the first owner is made.</summary>
    public bool RequireSignIn { get; set; }
}
