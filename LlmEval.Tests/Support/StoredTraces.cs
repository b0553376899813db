using System.Text;
using LlmEval.Core.Access;
using LlmEval.Core.Amending;
using LlmEval.Core.Caching;
using LlmEval.Core.Events;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Review;
using LlmEval.Core.Rollups;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Core.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Support;

/// <summary>The parts that store and change traces, on a database of their own, with short ways to use them.</summary>
internal static class StoredTraces
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static void Add(IServiceCollection services, IConfiguration configuration) => services
        .AddEvents(configuration)
        .AddWriting(configuration)
        .AddRollups()
        .AddCaching(configuration)
        .AddAmending()
        .AddReview();

    public static async Task<TestCore> StartAsync(DatabaseKind kind) => await TestCore.StartAsync(kind, Add);

    public static async Task StoreAsync(this TestCore core, params NewTrace[] traces)
    {
        PreparedTrace[] prepared = [.. traces.Select(t => new PreparedTrace(t.Trace, TraceEvents.New(t.Trace, SomeTrace.Now), []))];
        long first = await core.Get<ITraceStore>().InsertAsync(prepared, Cancel);
        core.Get<EventPublisher>().Publish(first, [.. prepared.Select(p => p.Event)]);
    }

    public static Task<DecisionAnswer> JudgeAsync(this TestCore core, Verdict verdict) =>
        core.Get<SubmitDecision>().RunAsync(Projects.Default, verdict, actor: null, Cancel);

    public static Task<AmendAnswer> AmendAsync(this TestCore core, string traceId, string patch, int? expectedVersion = null) =>
        core.Get<AmendTrace>().RunAsync(Projects.Default, traceId, TracePatch.Parse(Encoding.UTF8.GetBytes(patch)), expectedVersion, actor: null, Cancel);

    public static Task<ChangeOutcome> DeleteAsync(this TestCore core, string traceId, int? expectedVersion = null) =>
        core.Get<DeleteTrace>().RunAsync(Projects.Default, traceId, expectedVersion, actor: null, Cancel);

    /// <summary>As the database has it.</summary>
    public static Task<TraceDetail?> FindAsync(this TestCore core, string traceId) =>
        core.Get<TraceDetailQueries>().FindAsync(Projects.Default, traceId, Cancel);

    public static ValueTask<TraceDetail?> ReadCachedAsync(this TestCore core, string traceId) =>
        core.Get<TraceCache>().GetAsync(Projects.Default, traceId, Cancel);

    public static Task<IReadOnlyList<LogEvent>> EventsAsync(this TestCore core) =>
        core.Get<EventLog>().ReadAsync(after: 0, before: null, limit: 10_000, Cancel);

    /// <summary>So many verdicts of long ago; the trace itself stays as it is.</summary>
    public static async Task AddHistoryAsync(this TestCore core, string traceId, int count, string? text = null)
    {
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
        db.AddRange(Enumerable.Range(0, count).Select(i => new Evaluation
        {
            ProjectId = Projects.Default,
            TraceId = traceId,
            Version = i,
            CreatedAt = SomeTrace.Now,
            Notes = text,
            CorrectedResponse = text,
        }));
        await db.SaveChangesAsync(Cancel);
    }

    public static async Task<List<Trace>> AllAsync(this TestCore core)
    {
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
        return await db.Set<Trace>().OrderBy(t => t.Id).ToListAsync(Cancel);
    }
}
