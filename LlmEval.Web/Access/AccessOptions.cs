namespace LlmEval.Web.Access;

/// <summary>In section <c>LlmEval</c>: who is let in.</summary>
public sealed class AccessOptions
{
    /// <summary>
    /// While there is no key and no user, everybody who reaches the server has all rights, from whatever machine. For a port that
    /// only this machine or a trusted network can reach.
    /// </summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Credentials are asked for from the first start on, on this machine too. The console shows the link by which the first owner is made.</summary>
    public bool RequireSignIn { get; set; }
}
