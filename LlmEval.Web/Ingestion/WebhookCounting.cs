using LlmEval.Core.Ingestion;
using LlmEval.Web.Problems;

namespace LlmEval.Web.Ingestion;

/// <summary>Counts the requests to the webhooks by what became of them, whoever answered: the endpoint, or what stands before it.</summary>
internal sealed class WebhookCounting(RequestDelegate next, WebhookMetrics metrics)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<CountedAsWebhook>() is null)
        {
            await next(context);
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            metrics.Count(OutcomeOf(context));
        }
    }

    private static WebhookOutcome OutcomeOf(HttpContext context)
    {
        if (!context.Response.HasStarted && context.RequestAborted.IsCancellationRequested)
        {
            return WebhookOutcome.Abandoned;
        }

        return context.Response.StatusCode switch
        {
            >= 200 and < 300 => WebhookOutcome.Ok,
            400 => WebhookOutcome.Malformed,
            401 or 403 => WebhookOutcome.Unauthorized,
            409 => WebhookOutcome.Conflict,
            413 => WebhookOutcome.TooLarge,
            415 => WebhookOutcome.Unsupported,
            422 => WebhookOutcome.Invalid,
            429 => WebhookOutcome.TooMany,
            503 => context.Features.Get<Problem>() is { IsOverload: true } ? WebhookOutcome.Full : WebhookOutcome.Unavailable,
            _ => WebhookOutcome.Failed,
        };
    }
}

/// <summary>Endpoint metadata: its requests count among those of the webhooks.</summary>
internal sealed record CountedAsWebhook;

internal static class WebhookCountingExtensions
{
    public static RouteHandlerBuilder CountsAsWebhook(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new CountedAsWebhook());
}
