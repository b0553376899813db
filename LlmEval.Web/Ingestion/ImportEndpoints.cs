using LlmEval.Core.Access;
using LlmEval.Web.Access;
using LlmEval.Web.Limits;
using LlmEval.Web.Reference;
using LlmEval.Web.Startup;

namespace LlmEval.Web.Ingestion;

internal static class ImportEndpoints
{
    /// <summary>Maps the import of traces.</summary>
    public static IEndpointRouteBuilder MapImport(this IEndpointRouteBuilder routes)
    {
        var import = ActivatorUtilities.CreateInstance<TraceImport>(routes.ServiceProvider);

        routes.MapPost("/api/traces/import", (Delegate)import.HandleAsync)
            .Needs(Rights.Ingest)
            .WithName("ImportTraces")
            .WithSummary("Import any number of traces")
            .WithDescription(
                "JSON Lines, or a JSON array, as a stream. Lines are webhook bodies; those of an export bring their evaluation along, for a caller with admin rights.")
            .WithTags("Ingestion")
            .CountsAsWebhook()
            .WithMetadata(new OpenImport(), new LongWork())
            .TakesBodiesOf(null)
            .DescribesBody<TraceShape>(TraceImport.MediaTypes)
            .Produces<ImportAnswerShape>()
            .ProducesIntakeProblems();
        return routes;
    }
}
