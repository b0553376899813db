using System.Globalization;
using LlmEval.Core.Access;
using LlmEval.Core.Metrics;
using LlmEval.Tests.Support;
using LlmEval.Web.Metrics;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Metrics;

public class SharedOverviewsTests
{
    private const string Than = "the 15 minutes before";

    private readonly FakeTimeProvider _time = new();
    private readonly List<TaskCompletionSource<Overview>> _reads = [];
    private readonly SharedOverviews _shared;

    public SharedOverviewsTests() => _shared = new SharedOverviews(
        (_, _, _) =>
        {
            var read = new TaskCompletionSource<Overview>();
            lock (_reads)
            {
                _reads.Add(read);
            }

            return read.Task;
        },
        _time);

    [Fact]
    public async Task WhoAsksDuringAReadingGetsTheNextOneTogetherWithAllOthers()
    {
        Task<OverviewView> first = AskAsync();
        await UntilReadsAsync(1);

        // What these know of may not be in the reading that is under way.
        Task<OverviewView>[] later = [.. Enumerable.Range(0, 50).Select(_ => AskAsync())];
        _reads[0].SetResult(SomeOverview.Of());
        await first;
        Assert.DoesNotContain(later, task => task.IsCompleted);

        await UntilReadsAsync(2);
        Overview second = SomeOverview.Of();
        _reads[1].SetResult(second);
        Assert.All(await Task.WhenAll(later), view => Assert.Same(second, view.Overview));
        Assert.Equal(2, _reads.Count);
    }

    [Fact]
    public async Task AReadingThatFailedIsNotRepeatedToTheNext()
    {
        Task<OverviewView> first = AskAsync();
        await UntilReadsAsync(1);
        _reads[0].SetException(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => first);

        Task<OverviewView> second = AskAsync();
        await UntilReadsAsync(2);
        _reads[1].SetResult(SomeOverview.Of());
        await second;
    }

    [Fact]
    public async Task TheLastReadingIsKeptForAMinuteForWhoOpensMeanwhile()
    {
        Assert.Null(Last());
        Task<OverviewView> asked = AskAsync();
        await UntilReadsAsync(1);
        Assert.Null(Last());
        Overview read = SomeOverview.Of();
        _reads[0].SetResult(read);
        await asked;

        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Same(read, Last()!.Overview);
        Assert.Null(_shared.Last(Projects.Default + 1, SomeOverview.Range, Than));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(Last());
    }

    [Fact]
    public async Task EverybodyIsAnsweredInTheirCulture()
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("en-US");
        Task<OverviewView> english = AskAsync();
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
        Task<OverviewView> german = AskAsync();
        await UntilReadsAsync(2);
        _reads.ForEach(r => r.SetResult(SomeOverview.Of(("gpt-4", SomeOverview.Judged(1, 0, cost: 1.5m)))));

        Assert.Equal("$1.50", (await english).Kpis[^1].Value);
        Assert.Equal("$1,50", (await german).Kpis[^1].Value);
    }

    [Fact]
    public async Task AReadingThatIsDoneLateDoesNotReplaceOneThatBeganAfterIt()
    {
        Task<OverviewView> slow = AskAsync();
        await UntilReadsAsync(1);
        Task<OverviewView> quick = AskAsync();
        await UntilReadsAsync(2);
        Overview later = SomeOverview.Of();
        _reads[1].SetResult(later);
        await quick;
        _reads[0].SetResult(SomeOverview.Of());
        await slow;

        Assert.Same(later, Last()!.Overview);
    }

    private OverviewView? Last() => _shared.Last(Projects.Default, SomeOverview.Range, Than);

    private Task<OverviewView> AskAsync() => _shared.ReadAsync(Projects.Default, SomeOverview.Range, Than, TestContext.Current.CancellationToken);

    private Task UntilReadsAsync(int count) => Eventually.TrueAsync(() =>
    {
        // The first begins at once; a clock that went on meanwhile would let the second begin while others still ask for it.
        if (count > 1)
        {
            _time.Advance(SharedOverviews.Interval);
        }

        lock (_reads)
        {
            return _reads.Count == count;
        }
    });
}
