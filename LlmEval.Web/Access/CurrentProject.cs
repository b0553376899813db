using LlmEval.Core.Access;

namespace LlmEval.Web.Access;

/// <summary>Which project a request is about. There is one until projects can be made.</summary>
public static class CurrentProject
{
    public static int Of(HttpContext context) => Projects.Default;
}
