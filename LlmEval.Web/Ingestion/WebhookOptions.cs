using System.ComponentModel.DataAnnotations;

namespace LlmEval.Web.Ingestion;

/// <summary>Section <c>LlmEval:Webhooks</c>: how large a request may be. The limits are for what a body unpacks to.</summary>
public sealed class WebhookOptions
{
    /// <summary>Of <c>POST /webhook/trace</c>, in bytes.</summary>
    [Range(1_024, 1 << 30)]
    public int MaxTraceBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Of <c>POST /webhook/batch</c>, in bytes.</summary>
    [Range(1_024, 1 << 30)]
    public int MaxBatchBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Of one line or array element of an import, in bytes.</summary>
    [Range(1_024, 1 << 30)]
    public int MaxImportItemBytes { get; set; } = 8 * 1024 * 1024;
}
