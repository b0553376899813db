using LlmEval.Core.Access;
using LlmEval.Core.Metrics;
using LlmEval.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Metrics;

public class SharedOverviewsTests
{
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
        Task<Overview> first = AskAsync();
        await UntilReadsAsync(1);

        // What these know of may not be in the reading that is under way.
        Task<Overview>[] later = [.. Enumerable.Range(0, 50).Select(_ => AskAsync())];
        _reads[0].SetResult(SomeOverview.Of());
        await first;
        Assert.DoesNotContain(later, task => task.IsCompleted);

        await UntilReadsAsync(2);
        Overview second = SomeOverview.Of();
        _reads[1].SetResult(second);
        Assert.All(await Task.WhenAll(later), overview => Assert.Same(second, overview));
        Assert.Equal(2, _reads.Count);
    }

    [Fact]
    public async Task AReadingThatFailedIsNotRepeatedToTheNext()
    {
        Task<Overview> first = AskAsync();
        await UntilReadsAsync(1);
        _reads[0].SetException(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => first);

        Task<Overview> second = AskAsync();
        await UntilReadsAsync(2);
        _reads[1].SetResult(SomeOverview.Of());
        await second;
    }

    [Fact]
    public async Task TheLastReadingIsKeptForAMinuteForWhoOpensMeanwhile()
    {
        Assert.Null(_shared.Last(Projects.Default, SomeOverview.Range));
        Task<Overview> asked = AskAsync();
        await UntilReadsAsync(1);
        Assert.Null(_shared.Last(Projects.Default, SomeOverview.Range));
        Overview read = SomeOverview.Of();
        _reads[0].SetResult(read);
        await asked;

        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Same(read, _shared.Last(Projects.Default, SomeOverview.Range));
        Assert.Null(_shared.Last(Projects.Default + 1, SomeOverview.Range));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_shared.Last(Projects.Default, SomeOverview.Range));
    }

    [Fact]
    public async Task FiguresOfBeforeAnOutageAreNotKeptByReadingsThatFail()
    {
        Task<Overview> asked = AskAsync();
        await UntilReadsAsync(1);
        _reads[0].SetResult(SomeOverview.Of());
        await asked;
        for (int failed = 1; failed <= 3; failed++)
        {
            _time.Advance(TimeSpan.FromSeconds(25));
            Task<Overview> again = AskAsync();
            await UntilReadsAsync(failed + 1);
            _reads[failed].SetException(new TimeoutException());
            await Assert.ThrowsAsync<TimeoutException>(() => again);
        }

        Assert.Null(_shared.Last(Projects.Default, SomeOverview.Range));
    }

    [Fact]
    public async Task AReadingThatIsDoneLateDoesNotReplaceOneThatBeganAfterIt()
    {
        Task<Overview> slow = AskAsync();
        await UntilReadsAsync(1);
        Task<Overview> quick = AskAsync();
        await UntilReadsAsync(2);
        Overview later = SomeOverview.Of();
        _reads[1].SetResult(later);
        await quick;
        _reads[0].SetResult(SomeOverview.Of());
        await slow;

        Assert.Same(later, _shared.Last(Projects.Default, SomeOverview.Range));
    }

    private Task<Overview> AskAsync() => _shared.ReadAsync(Projects.Default, SomeOverview.Range, TestContext.Current.CancellationToken);

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
