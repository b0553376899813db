using LlmEval.Web.Problems;

namespace LlmEval.Web.Ingestion;

internal static class WebhookEndpoints
{
    private const string Tag = "Ingestion";

    /// <summary>Maps the two webhooks that applications send their traces to.</summary>
    public static IEndpointRouteBuilder MapWebhooks(this IEndpointRouteBuilder routes)
    {
        var trace = ActivatorUtilities.CreateInstance<TraceWebhook>(routes.ServiceProvider);
        var batch = ActivatorUtilities.CreateInstance<BatchWebhook>(routes.ServiceProvider);

        routes.MapPost("/webhook/trace", (Delegate)QuietAbort.Around(trace.HandleAsync))
            .WithName("SendTrace")
            .WithSummary("Send one trace")
            .WithDescription("Answers after the commit that holds the trace. Sending the same trace again is safe; members that are not listed are kept in its metadata.")
            .WithTags(Tag)
            .Accepts<TraceShape>(BodyFormat.Json)
            .Produces<TraceAnswerShape>()
            .ProducesIntakeProblems();

        routes.MapPost("/webhook/batch", (Delegate)QuietAbort.Around(batch.HandleAsync))
            .WithName("SendBatch")
            .WithSummary("Send up to 100 traces")
            .WithDescription("The good traces are stored even when others are not; errors names those by index and id.")
            .WithTags(Tag)
            .Accepts<BatchShape>(BodyFormat.Json)
            .Produces<BatchAnswerShape>()
            .ProducesIntakeProblems();
        return routes;
    }

    internal static RouteHandlerBuilder ProducesIntakeProblems(this RouteHandlerBuilder endpoint)
    {
        foreach (int status in (ReadOnlySpan<int>)[400, 409, 413, 415, 422, 503])
        {
            endpoint.Produces<ProblemBody>(status, Problem.ContentType);
        }

        return endpoint;
    }
}
