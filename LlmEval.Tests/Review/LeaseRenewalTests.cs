using LlmEval.Tests.Support;
using LlmEval.Web.Live;
using LlmEval.Web.Review;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Review;

public class LeaseRenewalTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CircuitLink _link = new();
    private readonly Closing _closed = new();
    private int _renewed;

    [Theory]
    [InlineData(typeof(OperationCanceledException))]
    [InlineData(typeof(InvalidOperationException))]
    public async Task NothingThatARenewalMeetsIsTheLastOne(Type met)
    {
        Task running = Open(() => _renewed++ == 0 ? Task.FromException((Exception)Activator.CreateInstance(met)!) : Task.CompletedTask);

        await UntilAsync(() => _renewed >= 3);

        Assert.False(running.IsCompleted);
        _closed.Dispose();
        await running;
    }

    [Fact]
    public async Task WhoIsNotThereLosesWhatTheyHold()
    {
        await _link.OnConnectionDownAsync(null!, CancellationToken.None);
        Task running = Open(() =>
        {
            _renewed++;
            return Task.CompletedTask;
        });

        _time.Advance(5 * LeaseRenewal.Interval);

        Assert.Equal(0, _renewed);
        _closed.Dispose();
        await running;
    }

    private Task Open(Func<Task> renew) => new LeaseRenewal(renew, _link, _time, NullLogger.Instance).RunAsync(_closed.Token);

    private Task UntilAsync(Func<bool> condition) => Eventually.TrueAsync(() =>
    {
        _time.Advance(LeaseRenewal.Interval);
        return condition();
    });
}
