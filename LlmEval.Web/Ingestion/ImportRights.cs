using LlmEval.Core.Access;
using LlmEval.Web.Access;

namespace LlmEval.Web.Ingestion;

/// <summary>The one place that decides whether an import may bring back evaluations.</summary>
internal static class ImportRights
{
    public static bool MayRestore(HttpContext context) => Caller.Of(context).May(Rights.Admin);
}
