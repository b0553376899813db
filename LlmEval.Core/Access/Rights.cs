namespace LlmEval.Core.Access;

/// <summary>What a caller may do in a project: the scopes of an API key, and what a role gives. The numbers are stored: never renumber.</summary>
[Flags]
public enum Rights : short
{
    None = 0,

    /// <summary>Send traces.</summary>
    Ingest = 1,

    /// <summary>See traces, figures and streams.</summary>
    Read = 2,

    /// <summary>Judge and change traces.</summary>
    Evaluate = 4,

    /// <summary>Delete traces; make and change keys, people, webhooks, alert rules and settings.</summary>
    Admin = 8,

    All = Ingest | Read | Evaluate | Admin,
}

/// <summary>What a person is in a project. The numbers are stored: never renumber.</summary>
public enum Role : short
{
    Viewer = 0,
    Reviewer = 1,
    Admin = 2,
}

/// <summary>What roles and scopes allow.</summary>
public static class RightsOf
{
    public static Rights Role(Role role) => role switch
    {
        Access.Role.Viewer => Rights.Read,
        Access.Role.Reviewer => Rights.Read | Rights.Evaluate,
        Access.Role.Admin => Rights.All,
        _ => Rights.None,
    };

    /// <summary>The scope <c>admin</c> holds the others.</summary>
    public static Rights Scopes(Rights scopes) => scopes.HasFlag(Rights.Admin) ? Rights.All : scopes;
}
