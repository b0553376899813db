using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Web.Ingestion;
using LlmEval.Web.Problems;
using LlmEval.Web.Reference;

namespace LlmEval.Web.Access;

internal static class AccessEndpoints
{
    private const string Tag = "Access";

    /// <summary>Maps the making of keys and projects.</summary>
    public static IEndpointRouteBuilder MapAccess(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder keys = routes.MapGroup("/api/keys").WithTags(Tag).Needs(Rights.Admin);
        keys.MapGet("", ListKeysAsync)
            .WithName("ListKeys")
            .WithSummary("List the project's API keys")
            .Produces<KeyListShape>()
            .ProducesProblems(503);
        keys.MapPost("", MakeKeyAsync)
            .WithName("MakeKey")
            .WithSummary("Make an API key")
            .WithDescription("The answer is the only one that shows the key. The first key closes the server to everybody without credentials.")
            .DescribesBody<KeyRequest>(BodyFormat.Json)
            .Produces<KeyShape>(StatusCodes.Status201Created)
            .ProducesProblems(400, 413, 415, 422, 503);
        keys.MapDelete("/{id:int}", RevokeKeyAsync)
            .WithName("RevokeKey")
            .WithSummary("Revoke an API key")
            .WithDescription("It holds on every replica within two seconds, and for good.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(404, 503);

        RouteGroupBuilder projects = routes.MapGroup("/api/projects").WithTags(Tag);
        projects.MapGet("", ListProjects)
            .Needs(Rights.Read)
            .WithName("ListProjects")
            .WithSummary("List the projects that the caller may see")
            .Produces<ProjectListShape>()
            .ProducesProblems(503);
        projects.MapPost("", MakeProjectAsync)
            .Needs(Rights.Admin)
            .ForOwners("Only owners of this installation make projects.")
            .WithName("MakeProject")
            .WithSummary("Make a project")
            .WithDescription("Everything about it stands under /p/{slug}.")
            .DescribesBody<ProjectRequest>(BodyFormat.Json)
            .Produces<ProjectShape>(StatusCodes.Status201Created)
            .ProducesProblems(400, 413, 415, 422, 503);
        return routes;
    }

    private static async Task<IResult> ListKeysAsync(HttpContext context, ApiKeys keys) =>
        WebJson.Answer(new KeyListShape([.. (await keys.ListAsync(CurrentProject.Of(context), context.RequestAborted)).Select(k => KeyShape.Of(k))]));

    private static async Task<IResult> MakeKeyAsync(HttpContext context, ApiKeys keys, TimeProvider time)
    {
        (KeyRequest? body, Problem? problem) = await StrictJson.ReadAsync<KeyRequest>(context);
        if (body is null)
        {
            return new ProblemResult(problem!);
        }

        ApiKeyRequest request = body.ToRequest();
        if (request.FindFaults(time.UtcNow()) is { Count: > 0 } faults)
        {
            return new ProblemResult(Problem.Invalid(faults));
        }

        Caller caller = Caller.Of(context);
        NewApiKey made = await keys.CreateAsync(caller.ProjectId, request, caller.ToActor(context), context.RequestAborted);
        return WebJson.Answer(KeyShape.Of(made.Key, made.Token), StatusCodes.Status201Created);
    }

    private static async Task<IResult> RevokeKeyAsync(HttpContext context, int id, ApiKeys keys)
    {
        Caller caller = Caller.Of(context);
        return await keys.RevokeAsync(caller.ProjectId, id, caller.ToActor(context), context.RequestAborted)
            ? Results.NoContent()
            : new ProblemResult(Problem.NotFound("There is no such key that is not revoked. GET /api/keys lists them."));
    }

    private static IResult ListProjects(HttpContext context, AccessDirectory directory)
    {
        Caller caller = Caller.Of(context);
        return WebJson.Answer(new ProjectListShape([.. caller.ProjectsIn(directory.Book).Select(ProjectShape.Of)]));
    }

    private static async Task<IResult> MakeProjectAsync(HttpContext context, CreateProject create)
    {
        (ProjectRequest? body, Problem? problem) = await StrictJson.ReadAsync<ProjectRequest>(context);
        if (body is null)
        {
            return new ProblemResult(problem!);
        }

        (Project? project, IReadOnlyList<string> faults) =
            await create.RunAsync(body.Slug ?? "", body.Name ?? body.Slug ?? "", Caller.Of(context).ToActor(context), context.RequestAborted);
        return project is null ? new ProblemResult(Problem.Invalid(faults)) : WebJson.Answer(ProjectShape.Of(project), StatusCodes.Status201Created);
    }
}
