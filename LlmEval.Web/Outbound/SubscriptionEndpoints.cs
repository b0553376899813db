using System.Globalization;
using LlmEval.Core.Access;
using LlmEval.Core.Outbound;
using LlmEval.Web.Access;
using LlmEval.Web.Problems;
using LlmEval.Web.Queries;
using LlmEval.Web.Reference;
using Microsoft.OpenApi;
using BodyFormat = LlmEval.Web.Ingestion.BodyFormat;

namespace LlmEval.Web.Outbound;

internal static class SubscriptionEndpoints
{
    private const string Tag = "Webhooks";
    private const string Path = "/api/subscriptions";

    private static readonly QueryParameter[] DeliveriesQuery =
    [
        new("state", "waiting, delivered or given_up; default: all"),
        new("limit", "1 to 200, default 50", JsonSchemaType.Integer),
        new("cursor", "next_cursor of the page before"),
    ];

    /// <summary>Maps the sending of events to other systems.</summary>
    public static IEndpointRouteBuilder MapSubscriptions(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup(Path).WithTags(Tag).Needs(Rights.Admin);
        group.MapGet("", ListAsync)
            .WithName("ListSubscriptions")
            .WithSummary("List the subscriptions of webhooks")
            .Produces<SubscriptionListShape>()
            .ProducesProblems(503);
        group.MapPost("", MakeAsync)
            .WithName("MakeSubscription")
            .WithSummary("Send events to an address from now on")
            .WithDescription("The answer is the only one that shows the secret. What is left out of events, model_name or evaluation_status takes all.")
            .DescribesBody<SubscriptionRequest>(BodyFormat.Json)
            .Produces<SubscriptionShape>(StatusCodes.Status201Created)
            .ProducesProblems(400, 413, 415, 422, 503);
        group.MapGet("/{id:long}", GetAsync)
            .WithName("GetSubscription")
            .WithSummary("Read a subscription")
            .Produces<SubscriptionShape>()
            .ProducesProblems(404, 503);
        group.MapPatch("/{id:long}", ChangeAsync)
            .WithName("ChangeSubscription")
            .WithSummary("Change a subscription, turn it off or on")
            .WithDescription("What is left out stays. Turned on again, it begins with the next event.")
            .DescribesBody<SubscriptionRequest>(BodyFormat.Json)
            .Produces<SubscriptionShape>()
            .ProducesProblems(400, 404, 413, 415, 422, 503);
        group.MapDelete("/{id:long}", DeleteAsync)
            .WithName("DeleteSubscription")
            .WithSummary("Delete a subscription with its deliveries")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(404, 503);
        group.MapPost("/{id:long}/secret", RotateAsync)
            .WithName("RotateSubscriptionSecret")
            .WithSummary("Make a new secret")
            .WithDescription("For 24 hours messages are signed with both; a second rotation within that time ends the oldest at once. The answer is the only one that shows it.")
            .Produces<SubscriptionShape>()
            .ProducesProblems(404, 503);
        group.MapPost("/{id:long}/test", TestAsync)
            .WithName("TestSubscription")
            .WithSummary("Send a message of type test, now and once")
            .Produces<DeliveryShape>()
            .ProducesProblems(404, 503);
        group.MapGet("/{id:long}/deliveries", DeliveriesAsync)
            .WithName("ListDeliveries")
            .WithSummary("List a subscription's deliveries, newest first")
            .WithDescription("state is waiting, delivered or given_up; limit at most 200; give next_cursor as cursor for the next page.")
            .DescribesQuery(DeliveriesQuery)
            .Produces<DeliveryListShape>()
            .ProducesProblems(400, 404, 503);
        group.MapPost("/{id:long}/deliveries/{delivery:long}/redeliver", RedeliverAsync)
            .WithName("Redeliver")
            .WithSummary("Send a delivery again, with the same webhook-id")
            .Produces(StatusCodes.Status202Accepted)
            .ProducesProblems(404, 409, 503);
        return routes;
    }

    private static async Task<IResult> ListAsync(HttpContext context, Subscriptions subscriptions)
    {
        IReadOnlyList<Subscription> all = await subscriptions.ListAsync(CurrentProject.Of(context), context.RequestAborted);
        return WebJson.Answer(new SubscriptionListShape([.. all.Select(s => SubscriptionShape.Of(s))]));
    }

    private static async Task<IResult> MakeAsync(HttpContext context, Subscriptions subscriptions)
    {
        (SubscriptionRequest? request, Problem? problem) = await ReadAsync(context);
        if (request is null)
        {
            return new ProblemResult(problem!);
        }

        SubscriptionAnswer answer = await subscriptions.MakeAsync(
            CurrentProject.Of(context), request.Over(new SubscriptionDraft()), Caller.Of(context).ToActor(context), context.RequestAborted);
        if (answer.Subscription is not { } made)
        {
            return new ProblemResult(Problem.Invalid(answer.Faults));
        }

        context.Response.Headers.Location = string.Create(CultureInfo.InvariantCulture, $"{context.Request.PathBase}{Path}/{made.Id}");
        return WebJson.Answer(SubscriptionShape.Of(made, withSecret: true), StatusCodes.Status201Created);
    }

    private static async Task<IResult> GetAsync(HttpContext context, long id, Subscriptions subscriptions) =>
        Answer(await subscriptions.FindAsync(CurrentProject.Of(context), id, context.RequestAborted));

    private static async Task<IResult> ChangeAsync(HttpContext context, long id, Subscriptions subscriptions)
    {
        (SubscriptionRequest? request, Problem? problem) = await ReadAsync(context);
        if (request is null)
        {
            return new ProblemResult(problem!);
        }

        SubscriptionAnswer answer = await subscriptions.ChangeAsync(
            CurrentProject.Of(context), id, request.Over, Caller.Of(context).ToActor(context), context.RequestAborted);
        return answer.Faults.Count > 0 ? new ProblemResult(Problem.Invalid(answer.Faults)) : Answer(answer.Subscription);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, long id, Subscriptions subscriptions) =>
        await subscriptions.DeleteAsync(CurrentProject.Of(context), id, Caller.Of(context).ToActor(context), context.RequestAborted) ? Results.NoContent() : NotThere();

    private static async Task<IResult> RotateAsync(HttpContext context, long id, Subscriptions subscriptions) =>
        Answer(await subscriptions.RotateSecretAsync(CurrentProject.Of(context), id, Caller.Of(context).ToActor(context), context.RequestAborted), withSecret: true);

    private static async Task<IResult> TestAsync(HttpContext context, long id, Subscriptions subscriptions, SendTest test) =>
        await subscriptions.FindAsync(CurrentProject.Of(context), id, context.RequestAborted) is { } found
            ? WebJson.Answer(DeliveryShape.Of(await test.RunAsync(found, context.RequestAborted)))
            : NotThere();

    private static async Task<IResult> DeliveriesAsync(HttpContext context, long id, Subscriptions subscriptions, DeliveryQueries deliveries)
    {
        var query = new QueryReader(context.Request.Query);
        query.FaultUnknown(DeliveriesQuery);
        DeliveryState? state = query.Value("state", SubscriptionWords.DeliveryStateOf, $"must be one of {string.Join(", ", SubscriptionWords.AllDeliveryStates)}");
        int limit = query.WholeNumber("limit", byDefault: 50, least: 1, most: 200);
        long? before = query.Value("cursor", NumberOf, "is none that was given out");
        if (query.Faults.Count > 0)
        {
            return new ProblemResult(Problem.BadRequest("The query is wrong.", query.Faults));
        }

        int project = CurrentProject.Of(context);
        if (await subscriptions.FindAsync(project, id, context.RequestAborted) is null)
        {
            return NotThere();
        }

        IReadOnlyList<Delivery> page = await deliveries.ListAsync(project, id, state, before, limit, context.RequestAborted);
        string? next = page.Count == limit ? page[^1].Id.ToString(CultureInfo.InvariantCulture) : null;
        return WebJson.Answer(new DeliveryListShape([.. page.Select(DeliveryShape.Of)], next));
    }

    private static async Task<IResult> RedeliverAsync(HttpContext context, long id, long delivery, Redeliver redeliver)
    {
        const string off = "The subscription is turned off. Turn it on, then send the delivery again.";
        return await redeliver.RunAsync(CurrentProject.Of(context), id, delivery, context.RequestAborted) switch
        {
            RedeliverOutcome.Queued => Results.Accepted(),
            RedeliverOutcome.NotActive => new ProblemResult(new Problem(StatusCodes.Status409Conflict, "Turned off", off) { Errors = [off] }),
            _ => NotThere(),
        };
    }

    private static async Task<(SubscriptionRequest? Request, Problem? Problem)> ReadAsync(HttpContext context)
    {
        (SubscriptionRequest? request, Problem? problem) = await StrictJson.ReadAsync<SubscriptionRequest>(context);
        return request?.FindFaults() is { Count: > 0 } faults ? (null, Problem.Invalid(faults)) : (request, problem);
    }

    private static IResult Answer(Subscription? found, bool withSecret = false) =>
        found is null ? NotThere() : WebJson.Answer(SubscriptionShape.Of(found, withSecret));

    private static ProblemResult NotThere() => new(Problem.NotFound("There is no such subscription or delivery. GET /api/subscriptions lists the subscriptions."));

    private static long? NumberOf(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
