using LlmEval.Core.Access;

namespace LlmEval.Web.People;

/// <summary>What the roles mean, for people.</summary>
internal static class RoleWords
{
    public static string Of(Role role) => role switch
    {
        Role.Viewer => "sees traces and figures",
        Role.Reviewer => "judges traces too",
        _ => "changes everything in the project",
    };
}
