namespace LlmEval.Web.Problems;

/// <summary>An endpoint's answer that is a problem.</summary>
internal sealed class ProblemResult(Problem problem) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => problem.WriteAsync(httpContext);
}
