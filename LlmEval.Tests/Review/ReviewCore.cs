using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Search;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Review;

/// <summary>The parts that reviewing needs, on a database of their own and with a clock that the test moves.</summary>
internal static class ReviewCore
{
    public static readonly LeaseHolder Ann = new("page-ann", "Ann");
    public static readonly LeaseHolder Bob = new("page-bob", "Bob");

    private static readonly HashSet<string> Nothing = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<TestCore> StartAsync(DatabaseKind kind, FakeTimeProvider? clock = null, CountedQueries? queries = null) =>
        await TestCore.StartAsync(kind, (services, configuration) =>
        {
            StoredTraces.Add(services, configuration);
            services.AddSearch(configuration).AddTraces();
            queries?.AddTo(services);
            services.AddSingleton<TimeProvider>(clock ?? new FakeTimeProvider(new DateTimeOffset(SomeTrace.Now)));
        });

    /// <summary>Stores t-00, t-01 and so on, a minute apart, the last one the newest.</summary>
    public static async Task StoreManyAsync(this TestCore core, int count, string prefix = "t")
    {
        for (int i = 0; i < count; i++)
        {
            await core.StoreAtAsync($"{prefix}-{i:00}", i);
        }
    }

    public static Task StoreAtAsync(this TestCore core, string traceId, int minute, params ReadOnlySpan<(string Name, string? Json)> members) =>
        core.StoreAsync(SomeTrace.New([("trace_id", $"\"{traceId}\""), ("timestamp", $"\"2026-05-04T10:{minute:00}:00Z\""), .. members]));

    public static ReviewQueue Open(this TestCore core, ReviewScope scope) => core.Get<ReviewQueues>().Open(Projects.Default, scope);

    public static ReviewQueue Open(this TestCore core, ReviewOrder order = ReviewOrder.Newest, int? size = null) =>
        core.Open(new ReviewScope(TraceFilter.Everything, order) { Size = size });

    public static async Task<string?> TakeAsync(this ReviewQueue queue, LeaseHolder holder, IReadOnlySet<string>? except = null) =>
        (await queue.TakeNextAsync(holder, except ?? Nothing, Nothing, Cancel)).Taken?.Trace.TraceId;

    public static async Task<string[]> ListAsync(this ReviewQueue queue) => [.. (await queue.ListAsync(1_000, Cancel)).Select(q => q.Trace.TraceId)];

    /// <summary>Takes and accepts until nothing is left.</summary>
    public static async Task<List<string>> AcceptAllAsync(this TestCore core, ReviewQueue queue, LeaseHolder holder)
    {
        List<string> judged = [];
        while (await queue.TakeAsync(holder) is { } traceId)
        {
            judged.Add(traceId);
            await core.JudgeAsync(new Verdict(traceId, EvaluationStatus.Accepted) { Evaluator = holder.Name });
        }

        return judged;
    }
}
