namespace LlmEval.Web.Ingestion;

/// <summary>The one place that decides whether an import may bring back evaluations.</summary>
internal static class ImportRights
{
    /// <summary>Only this machine is served yet, and it has all rights.</summary>
    public static bool MayRestore(HttpContext _) => true;
}
