using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Rollups;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage;

namespace LlmEval.Tests.Rollups;

/// <summary>The counts of a database whose triggers took an undo for a verdict.</summary>
public class VerdictMigrationTests
{
    private const string Before = "UndoneVerdicts";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task CountsOfHistoriesThatAreThereAreSetRightAndThoseOfSweptTracesStay(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await MigrateAsync(core, Before);
        await StoreAsync(core, "undone", "to-and-fro", "swept");
        await JudgeAndTakeBackAsync(core, "undone");
        await JudgeAndTakeBackAsync(core, "swept");
        await JudgeAsync(core, "to-and-fro", "ann", EvaluationStatus.Accepted);
        await core.Get<VerdictFolder>().FoldAsync(Cancel);
        await JudgeAsync(core, "to-and-fro", "ben", EvaluationStatus.Rejected);
        await JudgeAsync(core, "to-and-fro", "ann", EvaluationStatus.Accepted);
        await SweepAsync(core, "swept");
        Assert.Equal([("ann", 4, 0), ("ben", 2, 1)], await ReviewersAsync(core));

        await MigrateAsync(core);
        Assert.Equal([("ann", 3, 0), ("ben", 1, 1)], await ReviewersAsync(core));
        await core.DeleteAsync("undone");
        await core.DeleteAsync("to-and-fro");
        Assert.Equal([("ann", 1, 0), ("ben", 1, 0)], await ReviewersAsync(core));
    }

    [Theory, EveryDatabase]
    public async Task TheWayBackCountsAsBefore(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await StoreAsync(core, "first", "second");
        await JudgeAndTakeBackAsync(core, "first");
        Assert.Equal([("ann", 1, 0)], await ReviewersAsync(core));

        await MigrateAsync(core, Before);
        await JudgeAndTakeBackAsync(core, "second");

        Assert.Equal([("ann", 2, 0), ("ben", 2, 0)], await ReviewersAsync(core));
    }

    [Fact]
    public async Task AnotherReplicaThatWritesMeanwhileIsCountedRight()
    {
        await using TestCore core = await StoredTraces.StartAsync(DatabaseKind.Postgres);
        await MigrateAsync(core, Before);
        await StoreAsync(core, "before", "after");
        await JudgeAsync(core, "before", "ann", EvaluationStatus.Accepted);
        await JudgeAsync(core, "before", "ben", EvaluationStatus.Rejected);
        await JudgeAsync(core, "after", "ann", EvaluationStatus.Accepted);
        await JudgeAsync(core, "after", "ben", EvaluationStatus.Rejected);
        TraceDetail judged = (await core.FindAsync("before"))!;
        await using LlmEvalDb writer = await core.Databases.CreateDbContextAsync(Cancel);
        await using IDbContextTransaction writing = await writer.Database.BeginTransactionAsync(Cancel);
        writer.Add(new Evaluation
        {
            ProjectId = Projects.Default,
            TraceId = "before",
            Status = EvaluationStatus.Accepted,
            Version = judged.Trace.Version + 1,
            CreatedAt = SomeTrace.Now,
            Evaluator = "ben",
            Undoes = judged.Last!.Version,
        });
        await writer.SaveChangesAsync(Cancel);

        Task migrating = MigrateAsync(core);
        await WaitForWaitingAsync(core, 1);
        Task undoing = core.TakeBackAsync("after", "ben");
        await WaitForWaitingAsync(core, 2);
        await writing.CommitAsync(Cancel);
        await migrating;
        await undoing;

        Assert.Equal([("ann", 2, 0)], await ReviewersAsync(core));
        Assert.Equal(await core.RecountAsync(), await core.CountedAsync());
    }

    [Theory, EveryDatabase]
    public async Task AReplicaThatKnowsNoUndoCountsAsItDid(DatabaseKind kind)
    {
        await using TestCore core = await StoredTraces.StartAsync(kind);
        await StoreAsync(core, "t");
        await JudgeAsync(core, "t", "ann", EvaluationStatus.Accepted);
        await JudgeAsync(core, "t", "ben", EvaluationStatus.Rejected);
        await using (LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel))
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO evaluations (project_id, trace_id, status, previous_status, version, created_at, evaluator)
                SELECT project_id, trace_id, 2, 3, 4, created_at, evaluator FROM evaluations WHERE version = 3
                """,
                Cancel);
        }

        Assert.Equal([("ann", 1, 0), ("ben", 1, 0)], await ReviewersAsync(core));
    }

    private static Task StoreAsync(TestCore core, params string[] traceIds) =>
        core.StoreAsync([.. traceIds.Select(id => SomeTrace.New(("trace_id", $"\"{id}\"")))]);

    private static Task JudgeAsync(TestCore core, string traceId, string by, EvaluationStatus status) =>
        core.JudgeAsync(new Verdict(traceId, status) { Evaluator = by });

    private static async Task JudgeAndTakeBackAsync(TestCore core, string traceId)
    {
        await JudgeAsync(core, traceId, "ann", EvaluationStatus.Accepted);
        await JudgeAsync(core, traceId, "ben", EvaluationStatus.Rejected);
        await core.TakeBackAsync(traceId, "ben");
    }

    /// <summary>As the sweep does: histories first, so that the figures stay.</summary>
    private static async Task SweepAsync(TestCore core, string traceId)
    {
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
        await db.Set<Evaluation>().Where(e => e.TraceId == traceId).ExecuteDeleteAsync(Cancel);
        await db.Set<Trace>().Where(t => t.TraceId == traceId).ExecuteDeleteAsync(Cancel);
    }

    private static async Task MigrateAsync(TestCore core, string? to = null)
    {
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
        await db.GetService<IMigrator>().MigrateAsync(to, Cancel);
    }

    private static async Task WaitForWaitingAsync(TestCore core, int count)
    {
        await using LlmEvalDb db = await core.Databases.CreateDbContextAsync(Cancel);
        await Eventually.TrueAsync(async () => count == await db.Database
            .SqlQuery<int>($"""SELECT count(*)::int AS "Value" FROM pg_locks WHERE NOT granted AND relation IN ('traces'::regclass, 'evaluations'::regclass)""")
            .SingleAsync(Cancel));
    }

    private static async Task<IEnumerable<(string, int, int)>> ReviewersAsync(TestCore core) => (await core.CountedAsync())
        .GroupBy(v => v.Evaluator)
        .Select(g => (g.Key, (int)g.Sum(v => v.Accepted), (int)g.Sum(v => v.Rejected)));
}
