using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Review;

public class ReviewQueueTests
{
    [Theory, EveryDatabase]
    public async Task TimeGivesTheOrderFromEitherEnd(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        await core.StoreManyAsync(3);

        Assert.Equal(["t-02", "t-01", "t-00"], await core.Open(ReviewOrder.Newest).ListAsync());
        Assert.Equal(["t-00", "t-01", "t-02"], await core.Open(ReviewOrder.Oldest).ListAsync());
        Assert.Equal(["t-02", "t-01", "t-00"], await core.AcceptAllAsync(core.Open(ReviewOrder.Newest), ReviewCore.Ann));
    }

    [Theory, EveryDatabase]
    public async Task TheWorstAreFailuresThenEmptyAnswersThenTheSlowest(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        await core.StoreAtAsync("quick", 5, ("response_time_ms", "10"));
        await core.StoreAtAsync("unknown", 4);
        await core.StoreAtAsync("slow", 3, ("response_time_ms", "9000"));
        await core.StoreAtAsync("empty", 2, ("ai_response", "\"\""));
        await core.StoreAtAsync("failed", 1, ("error", "\"Timeout\""));

        Assert.Equal(["failed", "empty", "slow", "quick", "unknown"], await core.Open(ReviewOrder.Worst).ListAsync());
    }

    [Theory, EveryDatabase]
    public async Task RandomIsNoOrderOfTimeAndTheSameForEverybody(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        await core.StoreManyAsync(20);
        string[] newest = await core.Open(ReviewOrder.Newest).ListAsync();

        string[] random = await core.Open(ReviewOrder.Random).ListAsync();

        Assert.Equal(newest.Order(), random.Order());
        Assert.NotEqual(newest, random);
        Assert.NotEqual(newest.Reverse(), random);
        Assert.Equal(random, await core.Open(ReviewOrder.Random).ListAsync());
    }

    [Theory]
    [EveryDatabase(ReviewOrder.Random)]
    [EveryDatabase(ReviewOrder.Worst)]
    public async Task WhatComesAfterTheLastOneIsFound(DatabaseKind kind, ReviewOrder order)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        await core.StoreManyAsync(2);
        ReviewQueue queue = core.Open(order);
        Assert.Equal(2, (await core.AcceptAllAsync(queue, ReviewCore.Ann)).Count);
        Assert.Null(await queue.TakeAsync(ReviewCore.Ann));

        await core.StoreAtAsync("late", 30);

        Assert.Equal("late", await queue.TakeAsync(ReviewCore.Ann));
    }

    [Theory]
    [EveryDatabase(ReviewOrder.Random)]
    [EveryDatabase(ReviewOrder.Worst)]
    public async Task WhatComesIsFoundBesideWhatIsPassedOver(DatabaseKind kind, ReviewOrder order)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        await core.StoreManyAsync(2);
        ReviewQueue queue = core.Open(order);
        string skipped = (await queue.TakeAsync(ReviewCore.Ann))!;
        HashSet<string> except = [skipped];
        Assert.NotNull(await queue.TakeAsync(ReviewCore.Ann, except));

        await core.StoreAtAsync("late", 30);

        except.UnionWith(["t-00", "t-01"]);
        Assert.Equal("late", await queue.TakeAsync(ReviewCore.Ann, except));
        Assert.Equal([skipped, "late"], (await queue.ListAsync()).Where(id => id == skipped || id == "late"));
    }

    [Theory]
    [EveryDatabase(ReviewOrder.Random)]
    [EveryDatabase(ReviewOrder.Worst)]
    public async Task AllOfALongQueueAreGivenOneHandAfterTheOther(DatabaseKind kind, ReviewOrder order)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        string[] all = [.. Enumerable.Range(0, 1_050).Select(i => $"s-{i:0000}")];
        foreach (string[] some in all.Chunk(350))
        {
            await core.StoreAsync([.. some.Select(id => SomeTrace.New(("trace_id", $"\"{id}\"")))]);
        }

        ReviewQueue queue = core.Open(order);
        HashSet<string> passedOver = [.. await queue.ListAsync()];
        Assert.InRange(passedOver.Count, 1, all.Length - 1);
        while (await queue.TakeAsync(ReviewCore.Ann, passedOver) is { } traceId)
        {
            Assert.True(passedOver.Add(traceId));
            passedOver.UnionWith(await queue.ListAsync());
        }

        Assert.Equal(all, passedOver.Order());
    }

    [Theory, EveryDatabase]
    public async Task ASampleIsTheSameForEverybodyAndDoesNotFillUpAgain(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        await core.StoreManyAsync(30);
        string[] sample = await core.Open(ReviewOrder.Oldest, size: 5).ListAsync();
        Assert.Equal(5, sample.Length);
        Assert.Equal(sample.Order(), sample);
        Assert.Equal(sample, (await core.Open(ReviewOrder.Random, size: 5).ListAsync()).Order());

        ReviewQueue queue = core.Open(ReviewOrder.Oldest, size: 5);
        Assert.Equal(sample[0], await queue.TakeAsync(ReviewCore.Ann));
        await core.JudgeAsync(new Verdict(sample[0], EvaluationStatus.Rejected));

        Assert.Equal(sample[1..], await queue.ListAsync());
        Assert.Equal(sample[1..], await core.Open(ReviewOrder.Oldest, size: 5).ListAsync());
        Assert.Equal(new QueueCounts(4, 0, 0, 1), (await queue.CountAsync(TestContext.Current.CancellationToken)).Counts);
    }

    [Theory, EveryDatabase]
    public async Task AShareIsRoughlyThatManyAndAlwaysTheSame(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        await core.StoreAsync([.. Enumerable.Range(0, 400).Select(i => SomeTrace.New(("trace_id", $"\"s-{i}\"")))]);
        var scope = new ReviewScope(new TraceFilter { Share = 0.2 }, ReviewOrder.Newest);

        string[] some = await core.Open(scope).ListAsync();

        Assert.InRange(some.Length, 50, 110);
        Assert.Equal(some, await core.Open(scope).ListAsync());
        string[] more = await core.Open(scope with { Filter = new TraceFilter { Share = 0.5 } }).ListAsync();
        Assert.Subset(more.ToHashSet(), some.ToHashSet());
        Assert.Equal(400, (await core.Open(scope with { Filter = new TraceFilter { Share = 1 } }).ListAsync()).Length);
        Assert.Equal(some.Length, (await core.Open(scope).CountAsync(TestContext.Current.CancellationToken)).Counts!.Total);
    }

    [Theory, EveryDatabase]
    public async Task AFilterAndAStatusChooseWhatWaits(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        await core.StoreAtAsync("a", 1, ("model_name", "\"m\""));
        await core.StoreAtAsync("b", 2, ("model_name", "\"m\""));
        await core.StoreAtAsync("c", 3);
        await core.JudgeAsync(new Verdict("a", EvaluationStatus.InReview));
        var models = new TraceFilter { ModelNames = ["m"] };

        Assert.Equal(["b"], await core.Open(new ReviewScope(models, ReviewOrder.Newest)).ListAsync());
        Assert.Equal(["a"], await core.Open(new ReviewScope(models with { Statuses = [EvaluationStatus.InReview] }, ReviewOrder.Newest)).ListAsync());
    }

    [Theory]
    [EveryDatabase("everything")]
    [EveryDatabase("models")]
    [EveryDatabase("rows")]
    public async Task CountsTellHowFarAQueueHasCome(DatabaseKind kind, string by)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        await core.StoreManyAsync(6);
        await core.StoreAtAsync("other", 20, ("model_name", "\"other\""), ("environment", "\"e\""));
        (string, EvaluationStatus)[] verdicts = [("t-00", EvaluationStatus.Accepted), ("t-01", EvaluationStatus.Accepted), ("t-02", EvaluationStatus.Rejected), ("t-03", EvaluationStatus.InReview)];
        foreach ((string traceId, EvaluationStatus status) in verdicts)
        {
            await core.JudgeAsync(new Verdict(traceId, status));
        }

        TraceFilter filter = by switch
        {
            "models" => new TraceFilter { ModelNames = ["gpt-4"] },
            "rows" => new TraceFilter { To = new DateTime(2026, 5, 4, 10, 10, 0, DateTimeKind.Utc) },
            _ => TraceFilter.Everything,
        };
        QueueReading read = await core.Open(new ReviewScope(filter, ReviewOrder.Newest)).CountAsync(TestContext.Current.CancellationToken);

        Assert.Equal(new QueueCounts(by == "everything" ? 3 : 2, 1, 2, 1), read.Counts);
        Assert.Equal(by == "rows" ? null : (await core.EventsAsync())[^1].Id, read.Position);
    }

    [Theory, EveryDatabase]
    public async Task TwoWhoReviewAtOnceNeverGetTheSameTrace(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        await core.StoreManyAsync(40);

        List<string>[] judged = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() =>
            core.AcceptAllAsync(core.Open(i % 2 == 0 ? ReviewOrder.Newest : ReviewOrder.Random), new LeaseHolder($"page-{i}", $"Reviewer {i}")))));

        Assert.Equal(40, judged.Sum(j => j.Count));
        Assert.Equal(40, judged.SelectMany(j => j).Distinct().Count());
        Assert.All(judged, j => Assert.NotEmpty(j));
    }

    [Theory, EveryDatabase]
    public async Task OnesThatOthersHaveArePassedOverAndSayWhoHasThem(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        await core.StoreManyAsync(3);
        ReviewQueue queue = core.Open();

        Assert.Equal("t-02", await queue.TakeAsync(ReviewCore.Ann));
        Assert.Equal("t-01", await queue.TakeAsync(ReviewCore.Bob));
        Assert.Equal("t-02", await queue.TakeAsync(ReviewCore.Ann));
        Assert.Equal("t-00", await queue.TakeAsync(ReviewCore.Ann, new HashSet<string> { "t-02" }));

        IReadOnlyList<QueuedTrace> listed = await queue.ListAsync(10, TestContext.Current.CancellationToken);
        Assert.Equal(["Ann", "Bob", "Ann"], listed.Select(q => q.Lease?.Reviewer));
    }

    [Theory, EveryDatabase]
    public async Task AFreeOneIsFoundBeyondAWindowFullOfTakenOnes(DatabaseKind kind)
    {
        await using TestCore core = await ReviewCore.StartAsync(kind);
        await core.StoreManyAsync(ReviewQueue.Window + 1);
        ReviewQueue queue = core.Open();
        for (int i = 0; i < ReviewQueue.Window; i++)
        {
            Assert.NotNull(await queue.TakeAsync(new LeaseHolder($"page-{i}", "")));
        }

        Assert.Equal("t-00", await queue.TakeAsync(ReviewCore.Ann));
        Assert.Null(await queue.TakeAsync(ReviewCore.Bob));
    }
}
