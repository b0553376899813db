using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Support;

/// <summary>A clock that stands still until it is started, and then goes much faster than the real one.</summary>
internal sealed class RunningClock : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RealTick = TimeSpan.FromMilliseconds(60);

    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private volatile bool _isHeld;

    public RunningClock(DateTime start)
    {
        Time = new FakeTimeProvider(new DateTimeOffset(start));
    }

    public FakeTimeProvider Time { get; }

    public DateTime Now => Time.GetUtcNow().UtcDateTime;

    /// <summary>In the place of the product's own.</summary>
    public void Replace(IServiceCollection services) => services.AddSingleton<TimeProvider>(Time);

    public void Start() => _running = RunAsync();

    /// <summary>Does something in no time.</summary>
    public async Task HoldAsync(Func<Task> meanwhile)
    {
        _isHeld = true;
        await meanwhile();
        _isHeld = false;
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(RealTick, CancellationToken.None);
            if (!_isHeld)
            {
                Time.Advance(Tick);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }
}
