namespace LlmEval.Web.Ingestion;

/// <summary>The one place that decides whether an import may bring back evaluations.</summary>
internal static class ImportRights
{
    public static bool MayRestore(HttpContext context) => context is not null;
}
