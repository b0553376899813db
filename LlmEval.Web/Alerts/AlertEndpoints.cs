using LlmEval.Core.Access;
using LlmEval.Core.Alerts;
using LlmEval.Core.Primitives;
using LlmEval.Web.Access;
using LlmEval.Web.Problems;
using LlmEval.Web.Queries;
using LlmEval.Web.Reference;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using BodyFormat = LlmEval.Web.Ingestion.BodyFormat;

namespace LlmEval.Web.Alerts;

internal static class AlertEndpoints
{
    private const string Tag = "Alerts";

    private static readonly QueryParameter[] ListQuery =
        [new("state", "open or all (default)"), new("limit", "1 to 200, default 50", JsonSchemaType.Integer)];

    /// <summary>Maps what the page of alerts does, for programs.</summary>
    public static IEndpointRouteBuilder MapAlerts(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder alerts = routes.MapGroup("/api/alerts").WithTags(Tag);
        alerts.MapGet("", ListAsync)
            .Needs(Rights.Read)
            .WithName("ListAlerts")
            .WithSummary("List alerts of the server and of the project")
            .WithDescription("state=open, which is known without a database too, or all, newest first; limit at most 200.")
            .DescribesQuery(ListQuery)
            .Produces<AlertListShape>()
            .ProducesProblems(400, 503);
        alerts.MapPost("/{id:guid}/acknowledge", AcknowledgeAsync)
            .Needs(Rights.Evaluate)
            .WithName("AcknowledgeAlert")
            .WithSummary("Say that somebody looks after an alert")
            .WithDescription("One of the server, which concerns every project, takes an owner or an administrator of the project default.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(403, 404, 409, 503);

        RouteGroupBuilder rules = routes.MapGroup("/api/alert-rules").WithTags(Tag);
        rules.MapGet("", ListRules)
            .Needs(Rights.Read)
            .WithName("ListAlertRules")
            .WithSummary("List the rules, those of the server first")
            .Produces<AlertRuleListShape>()
            .ProducesProblems(503);
        rules.MapPost("", MakeRuleAsync)
            .Needs(Rights.Admin)
            .WithName("MakeAlertRule")
            .WithSummary("Make a rule")
            .DescribesBody<AlertRuleRequest>(BodyFormat.Json)
            .Produces<AlertRuleShape>(StatusCodes.Status201Created)
            .ProducesProblems(400, 413, 415, 422, 503);
        rules.MapPatch("/{key}", ChangeRuleAsync)
            .Needs(Rights.Admin)
            .WithName("ChangeAlertRule")
            .WithSummary("Change a rule, turn it off or on")
            .WithDescription("What is left out stays.")
            .DescribesBody<AlertRuleRequest>(BodyFormat.Json)
            .Produces<AlertRuleShape>()
            .ProducesProblems(400, 404, 413, 415, 422, 503);
        rules.MapDelete("/{key}", DeleteRuleAsync)
            .Needs(Rights.Admin)
            .WithName("DeleteAlertRule")
            .WithSummary("Delete a rule")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(404, 503);
        rules.MapPut("/{key}/mute", MuteAsync)
            .Needs(Rights.Evaluate)
            .WithName("MuteAlertRule")
            .WithSummary("Keep a rule's alerts to the history")
            .WithDescription("Without until, for good. A rule of the server, which concerns every project, takes an owner or an administrator of the project default.")
            .DescribesBody<MuteRequest>(BodyFormat.Json)
            .Produces<AlertRuleShape>()
            .ProducesProblems(400, 403, 404, 413, 415, 422, 503);
        rules.MapDelete("/{key}/mute", UnmuteAsync)
            .Needs(Rights.Evaluate)
            .WithName("UnmuteAlertRule")
            .WithSummary("Announce a rule's alerts again")
            .Produces<AlertRuleShape>()
            .ProducesProblems(403, 404, 503);
        return routes;
    }

    private static async Task<IResult> ListAsync(HttpContext context, AlertTable alerts, AlertBoard board)
    {
        var query = new QueryReader(context.Request.Query);
        query.FaultUnknown(ListQuery);
        bool isOpenOnly = query.Value<bool>("state", text => text switch { "open" => true, "all" => false, _ => null }, "must be open or all") == true;
        int limit = query.WholeNumber("limit", byDefault: 50, least: 1, most: 200);
        if (query.Faults.Count > 0)
        {
            return new ProblemResult(Problem.BadRequest("The query is wrong.", query.Faults));
        }

        int project = CurrentProject.Of(context);
        IEnumerable<AlertShape> items = isOpenOnly
            ? board.Open(project).Take(limit).Select(open => AlertShape.Of(open.Alert, open.IsMuted))
            : (await alerts.ListAsync(project, limit, context.RequestAborted)).Select(alert => AlertShape.Of(alert, board.IsMuted(alert)));
        return WebJson.Answer(new AlertListShape([.. items]));
    }

    private static async Task<IResult> AcknowledgeAsync(HttpContext context, Guid id, AlertTable alerts)
    {
        const string none = "There is no such alert that nobody looks after yet. GET /api/alerts lists them.";
        Caller caller = Caller.Of(context);
        if (!AlertReads.MayTend(caller, AlertRule.Server) && await alerts.FindOwnerAsync(id, context.RequestAborted) == AlertRule.Server)
        {
            return OfTheServer();
        }

        string? by = caller.Kind == CallerKind.Open ? null : caller.Name;
        return await alerts.AcknowledgeAsync(caller.ProjectId, id, by, caller.ToActor(context), context.RequestAborted)
            ? Results.NoContent()
            : new ProblemResult(new Problem(StatusCodes.Status409Conflict, "Nothing to acknowledge", none) { Errors = [none] });
    }

    private static IResult ListRules(HttpContext context, AlertBoard board, IOptions<AlertOptions> options) =>
        WebJson.Answer(new AlertRuleListShape([.. Rules(context, board, options).Select(rule => AlertRuleShape.Of(rule, board))]));

    private static async Task<IResult> MakeRuleAsync(HttpContext context, AlertRules rules, AlertBoard board)
    {
        (AlertRuleRequest? request, Problem? problem) = await StrictJson.ReadAsync<AlertRuleRequest>(context);
        return request is null ? new ProblemResult(problem!) : await SaveAsync(context, request, before: null, rules, board, StatusCodes.Status201Created);
    }

    private static async Task<IResult> ChangeRuleAsync(HttpContext context, string key, AlertRules rules, AlertBoard board)
    {
        (AlertRuleRequest? request, Problem? problem) = await StrictJson.ReadAsync<AlertRuleRequest>(context);
        if (request is null)
        {
            return new ProblemResult(problem!);
        }

        // From the database: another replica may have made it a moment ago.
        AlertRule? before = (await rules.ListAsync(CurrentProject.Of(context), context.RequestAborted)).FirstOrDefault(r => r.Key == key);
        return before is null ? NotThere() : await SaveAsync(context, request, before, rules, board, StatusCodes.Status200OK);
    }

    private static async Task<IResult> SaveAsync(
        HttpContext context, AlertRuleRequest request, AlertRule? before, AlertRules rules, AlertBoard board, int status)
    {
        Caller caller = Caller.Of(context);
        if (request.Over(before, caller.ProjectId, out IReadOnlyList<string> faults) is { } rule)
        {
            faults = await rules.SaveAsync(rule, caller.ToActor(context), context.RequestAborted);
            if (faults.Count == 0)
            {
                return WebJson.Answer(AlertRuleShape.Of(rule, board), status);
            }
        }

        return new ProblemResult(Problem.Invalid(faults));
    }

    private static async Task<IResult> DeleteRuleAsync(HttpContext context, string key, AlertRules rules)
    {
        Caller caller = Caller.Of(context);
        return await rules.DeleteAsync(caller.ProjectId, key, caller.ToActor(context), context.RequestAborted) ? Results.NoContent() : NotThere();
    }

    private static async Task<IResult> MuteAsync(
        HttpContext context, string key, AlertTable alerts, AlertBoard board, IOptions<AlertOptions> options, TimeProvider time)
    {
        (MuteRequest? request, Problem? problem) = await StrictJson.ReadAsync<MuteRequest>(context);
        if (request is null)
        {
            return new ProblemResult(problem!);
        }

        DateTime until = request.Until?.UtcDateTime ?? time.UtcNow().AddYears(100);
        return until <= time.UtcNow()
            ? new ProblemResult(Problem.Invalid(["until: must lie in the future"]))
            : await SetMuteAsync(context, key, until, alerts, board, options);
    }

    private static Task<IResult> UnmuteAsync(HttpContext context, string key, AlertTable alerts, AlertBoard board, IOptions<AlertOptions> options) =>
        SetMuteAsync(context, key, until: null, alerts, board, options);

    private static async Task<IResult> SetMuteAsync(
        HttpContext context, string key, DateTime? until, AlertTable alerts, AlertBoard board, IOptions<AlertOptions> options)
    {
        if (Rules(context, board, options).FirstOrDefault(r => r.Key == key) is not { } rule)
        {
            return NotThere();
        }

        Caller caller = Caller.Of(context);
        if (!AlertReads.MayTend(caller, rule.ProjectId))
        {
            return OfTheServer();
        }

        await alerts.MuteAsync(rule.ProjectId, key, until, caller.ToActor(context), context.RequestAborted);
        return WebJson.Answer(AlertRuleShape.Of(rule, board));
    }

    private static IEnumerable<AlertRule> Rules(HttpContext context, AlertBoard board, IOptions<AlertOptions> options) =>
        options.Value.ToRules().Concat(board.Rules.Where(r => r.ProjectId == CurrentProject.Of(context)));

    private static ProblemResult OfTheServer() =>
        new(new Problem(StatusCodes.Status403Forbidden, "Not allowed", AlertReads.OfTheServer) { Errors = [AlertReads.OfTheServer] });

    private static ProblemResult NotThere() => new(Problem.NotFound("There is no such rule. GET /api/alert-rules lists them."));
}
