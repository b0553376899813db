using LlmEval.Core.Access;
using LlmEval.Web.Access;
using LlmEval.Web.Reference;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Ingestion;

internal static class WebhookEndpoints
{
    private const string Tag = "Ingestion";

    /// <summary>Maps the two webhooks that applications send their traces to.</summary>
    public static IEndpointRouteBuilder MapWebhooks(this IEndpointRouteBuilder routes)
    {
        var trace = ActivatorUtilities.CreateInstance<TraceWebhook>(routes.ServiceProvider);
        var batch = ActivatorUtilities.CreateInstance<BatchWebhook>(routes.ServiceProvider);

        WebhookOptions limits = routes.ServiceProvider.GetRequiredService<IOptions<WebhookOptions>>().Value;

        routes.MapPost("/webhook/trace", (Delegate)trace.HandleAsync)
            .Needs(Rights.Ingest)
            .TakesSignatures(limits.MaxTraceBytes)
            .WithName("SendTrace")
            .WithSummary("Send one trace")
            .WithDescription(
                "Answers after the commit that holds the trace. Sending the same trace again is safe; "
                + "members that are not listed are kept in its metadata.")
            .WithTags(Tag)
            .CountsAsWebhook()
            .DescribesBody<TraceShape>(BodyFormat.Json)
            .Produces<TraceAnswerShape>()
            .ProducesIntakeProblems();

        routes.MapPost("/webhook/batch", (Delegate)batch.HandleAsync)
            .Needs(Rights.Ingest)
            .TakesSignatures(limits.MaxBatchBytes)
            .WithName("SendBatch")
            .WithSummary("Send up to 100 traces")
            .WithDescription("The good traces are stored even when others are not; errors names those by index and id.")
            .WithTags(Tag)
            .CountsAsWebhook()
            .DescribesBody<BatchShape>(BodyFormat.Json)
            .Produces<BatchAnswerShape>()
            .ProducesIntakeProblems();
        return routes;
    }
}
