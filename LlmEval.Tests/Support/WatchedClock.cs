using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Support;

/// <summary>
/// A clock that a test moves once somebody waits for it. A timer that is made a moment after the step counts from the new time, and
/// the test would wait for ever.
/// </summary>
internal sealed class WatchedClock : FakeTimeProvider
{
    private int _waiting;

    /// <summary>Moves on by <paramref name="step"/> when at least <paramref name="waiting"/> timers run.</summary>
    public async Task PassAsync(TimeSpan step, int waiting = 1)
    {
        await Eventually.TrueAsync(() => Volatile.Read(ref _waiting) >= waiting);
        Advance(step);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // Counted once it stands: the step must find it.
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        Interlocked.Increment(ref _waiting);
        return new Counted(this, timer);
    }

    private sealed class Counted(WatchedClock clock, ITimer timer) : ITimer
    {
        private int _isOver;

        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                Interlocked.Decrement(ref clock._waiting);
            }

            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
