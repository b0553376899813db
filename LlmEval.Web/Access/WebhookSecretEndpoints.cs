using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Web.Ingestion;
using LlmEval.Web.Problems;
using LlmEval.Web.Reference;

namespace LlmEval.Web.Access;

internal static class WebhookSecretEndpoints
{
    /// <summary>Maps what senders of a project's webhooks sign with.</summary>
    public static IEndpointRouteBuilder MapWebhookSecrets(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder secrets = routes.MapGroup("/api/webhook-secrets").WithTags("Access").Needs(Rights.Admin);
        secrets.MapGet("", ListAsync)
            .WithName("ListWebhookSecrets")
            .WithSummary("List the secrets that the project's webhooks may be signed with")
            .Produces<WebhookSecretListShape>()
            .ProducesProblems(503);
        secrets.MapPost("", MakeAsync)
            .WithName("MakeWebhookSecret")
            .WithSummary("Make a secret for the project's webhooks")
            .WithDescription("The answer is the only one that shows it. From the first one on, webhooks that are not signed are refused.")
            .DescribesBody<WebhookSecretRequest>(BodyFormat.Json)
            .Produces<WebhookSecretShape>(StatusCodes.Status201Created)
            .ProducesProblems(400, 409, 413, 415, 503);
        secrets.MapDelete("/{id:int}", EndAsync)
            .WithName("EndWebhookSecret")
            .WithSummary("End a secret")
            .WithDescription("It holds on every replica within two seconds. After the last one webhooks need no signature, unless the server has a WEBHOOK_SECRET.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(404, 503);
        return routes;
    }

    private static async Task<IResult> ListAsync(HttpContext context, WebhookSecrets secrets, TimeProvider time)
    {
        IReadOnlyList<WebhookSecret> all = await secrets.ListAsync(CurrentProject.Of(context), time.UtcNow(), context.RequestAborted);
        return WebJson.Answer(new WebhookSecretListShape([.. all.Select(s => WebhookSecretShape.Of(s, isNew: false))]));
    }

    private static async Task<IResult> MakeAsync(HttpContext context, WebhookSecrets secrets)
    {
        (WebhookSecretRequest? request, Problem? problem) = await StrictJson.ReadAsync<WebhookSecretRequest>(context);
        if (request is null)
        {
            return new ProblemResult(problem!);
        }

        Caller caller = Caller.Of(context);
        WebhookSecret? made = await secrets.CreateAsync(caller.ProjectId, request.Replace == true, caller.ToActor(context), context.RequestAborted);
        if (made is null)
        {
            string full = $"No more than {WebhookSecrets.MostAtATime} hold at a time. End one first: DELETE /api/webhook-secrets/{{id}}.";
            return new ProblemResult(new Problem(StatusCodes.Status409Conflict, "Too many secrets", full) { Errors = [full] });
        }

        return WebJson.Answer(WebhookSecretShape.Of(made, isNew: true), StatusCodes.Status201Created);
    }

    private static async Task<IResult> EndAsync(HttpContext context, int id, WebhookSecrets secrets)
    {
        Caller caller = Caller.Of(context);
        return await secrets.EndAsync(caller.ProjectId, id, caller.ToActor(context), context.RequestAborted)
            ? Results.NoContent()
            : new ProblemResult(Problem.NotFound("There is no such secret. GET /api/webhook-secrets lists them."));
    }
}
