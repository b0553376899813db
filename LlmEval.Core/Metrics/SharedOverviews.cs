
namespace LlmEval.Core.Metrics;

/// <summary>
/// Reads each range once for everybody who looks at it. Who asks gets figures that hold every change committed before the
/// question, read at most a few times a second, however many ask.
/// </summary>
public sealed class SharedOverviews(Func<int, OverviewRange, CancellationToken, Task<Overview>> read, TimeProvider time)
{
    /// <summary>Between the beginnings of two readings of one range; a range that is slow to read has longer pauses.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(400);

    private const int PauseShare = 4;

    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<(int ProjectId, OverviewRange Range), Reading> _readings = [];

    public Task<Overview> ReadAsync(int projectId, OverviewRange range, CancellationToken cancel)
    {
        lock (_lock)
        {
            Forget();
            if (!_readings.TryGetValue((projectId, range), out Reading? reading))
            {
                _readings.Add((projectId, range), reading = new Reading());
            }

            // One that has not begun yet will see what this caller knows of; one under way may not.
            reading.Next ??= RunAsync(projectId, range, reading);
            return reading.Next.WaitAsync(cancel);
        }
    }

    private async Task<Overview> RunAsync(int projectId, OverviewRange range, Reading reading)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        TimeSpan rest = reading.Began is { } last ? Pause(reading) - time.GetElapsedTime(last) : TimeSpan.Zero;
        if (rest > TimeSpan.Zero)
        {
            await Task.Delay(rest, time, CancellationToken.None);
        }

        long began = time.GetTimestamp();
        lock (_lock)
        {
            reading.Next = null;
            reading.Began = began;
        }

        Overview overview = await read(projectId, range, CancellationToken.None);
        reading.Took = time.GetElapsedTime(began);
        return overview;
    }

    private static TimeSpan Pause(Reading reading) => reading.Took * PauseShare > Interval ? reading.Took * PauseShare : Interval;

    // A range that ends now is another one after each of its steps.
    private void Forget()
    {
        foreach ((var key, Reading reading) in _readings)
        {
            if (reading is { Next: null, Began: { } began } && time.GetElapsedTime(began) > Kept)
            {
                _readings.Remove(key);
            }
        }
    }

    private sealed class Reading
    {
        public Task<Overview>? Next { get; set; }
        public long? Began { get; set; }
        public TimeSpan Took { get; set; }
    }
}
