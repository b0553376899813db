namespace LlmEval.Web.Ingestion;

/// <summary>
/// Runs the intake's endpoints here. What follows in the pipeline is for pages (error pages, cultures, forms) and would add a
/// twentieth to the processor time of a trace.
/// </summary>
internal sealed class WebhookShortcut(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint() is { RequestDelegate: { } handle } endpoint && endpoint.Metadata.GetMetadata<CountedAsWebhook>() is not null
            ? handle(context)
            : next(context);
}
