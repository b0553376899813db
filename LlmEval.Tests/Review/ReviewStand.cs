using Bunit;
using LlmEval.Core.Events;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;
using LlmEval.Web.Live;
using LlmEval.Web.Review;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Review;

/// <summary>Reviewers at queues of one database, each on the dispatcher that a page would have.</summary>
internal sealed class ReviewStand : IAsyncDisposable
{
    private readonly List<ReviewState> _open = [];
    private readonly CancellationTokenSource _closed = new();
    private long _told;

    private ReviewStand(TestCore core, FakeTimeProvider clock, CountedQueries queries) => (Core, Clock, Queries) = (core, clock, queries);

    public TestCore Core { get; }

    public FakeTimeProvider Clock { get; }

    /// <summary>Can hold back what the database answers.</summary>
    public CountedQueries Queries { get; }

    public ReviewDesk Desk => ActivatorUtilities.CreateInstance<ReviewDesk>(Core.Services, SomeTrace.Project, SomeViewer.Open);

    /// <summary>The traces whose verdicts were announced as saved.</summary>
    public List<string> Saved { get; } = [];

    /// <summary>Runs a test with t-00, t-01 and so on in the database, the last one the newest.</summary>
    public static async Task RunAsync(DatabaseKind kind, int traces, Func<ReviewStand, Task> test)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(SomeTrace.Now));
        var queries = new CountedQueries();
        await using TestCore core = await ReviewCore.StartAsync(kind, clock, queries);
        await core.StoreManyAsync(traces);
        await Dispatcher.CreateDefault().InvokeAsync(async () =>
        {
            await using var stand = new ReviewStand(core, clock, queries);
            await test(stand);
        });
    }

    /// <summary>Opened and counted.</summary>
    public async Task<ReviewState> OpenAsync(string reviewer = "Ann", ReviewScope? scope = null)
    {
        ReviewState state = await PrepareAsync(reviewer, scope);
        await state.OpenAsync();
        await state.Counting;
        return state;
    }

    /// <summary>Not opened yet.</summary>
    public async Task<ReviewState> PrepareAsync(string reviewer = "Ann", ReviewScope? scope = null)
    {
        var js = new BunitJSInterop { Mode = JSRuntimeMode.Loose };
        var current = new CurrentReviewer(js.JSRuntime, new CircuitLink(), SomeViewer.Open);
        await current.ChooseAsync(reviewer);
        var verdicts = new GivenVerdicts(Desk, current, Clock, () => { }, _closed.Token);
        var state = new ReviewState(
            Desk, scope ?? new ReviewScope(TraceFilter.Everything, ReviewOrder.Newest), current, Clock, verdicts, () => { }, Saved.Add);
        _open.Add(state);
        _told = (await Core.EventsAsync()) is [.., var last] ? last.Id : 0;
        return state;
    }

    /// <summary>Tells a page what happened since this was called last.</summary>
    /// <param name="signalled">Leases may have changed too.</param>
    public async Task TellAsync(ReviewState state, bool signalled = true)
    {
        LogEvent[] news = [.. (await Core.EventsAsync()).Where(e => e.Id > _told)];
        _told = news.Length == 0 ? _told : news[^1].Id;
        await state.TakeAsync(new LiveBatch(news, Missed: false) { Signalled = signalled });
        await state.Counting;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ReviewState state in _open)
        {
            await state.DisposeAsync();
        }

        await _closed.CancelAsync();
        _closed.Dispose();
    }
}

internal static class ReviewSteps
{
    /// <summary>The trace that is shown.</summary>
    public static string? Current(this ReviewState state) => state.Place.Current?.Trace.TraceId;

    /// <summary>The trace that is there already when this one is judged.</summary>
    public static string? Next(this ReviewState state) => state.Place.Next?.Trace.TraceId;

    /// <summary>Says it of what is shown.</summary>
    public static Task JudgeAsync(this ReviewState state, Judgement mine) => state.JudgeAsync(new GivenJudgement(state.Place.Current!, mine));

    /// <summary>Skips what is shown.</summary>
    public static Task SkipAsync(this ReviewState state) => state.SkipAsync(state.Place.Current!.Trace.TraceId);
}
