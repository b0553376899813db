namespace LlmEval.Web.Access;

/// <summary>Which project a request is about.</summary>
public static class CurrentProject
{
    public static int Of(HttpContext context) => Caller.Of(context).ProjectId;
}
