namespace LlmEval.Core.Primitives;

/// <summary>
/// Reads the same thing once for everybody who asks for it. Who asks gets what holds every change committed before the question,
/// read at most once an interval, however many ask.
/// </summary>
/// <param name="interval">Between the beginnings of two readings of one thing; what is slow to read has longer pauses.</param>
public sealed class SharedReads<TKey, T>(Func<TKey, CancellationToken, Task<T>> read, TimeSpan interval, TimeProvider time)
    where TKey : notnull
    where T : class
{
    private const int PauseShare = 4;

    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Reading> _readings = [];

    public Task<T> ReadAsync(TKey key, CancellationToken cancel)
    {
        lock (_lock)
        {
            Forget();
            if (!_readings.TryGetValue(key, out Reading? reading))
            {
                _readings.Add(key, reading = new Reading());
            }

            // One that has not begun yet will see what this caller knows of; one under way may not.
            reading.Next ??= RunAsync(key, reading);
            return reading.Next.WaitAsync(cancel);
        }
    }

    /// <summary>
    /// What a reading found that began at most a minute ago: something to show until <see cref="ReadAsync"/> has answered. Null when
    /// there is none.
    /// </summary>
    public T? Last(TKey key)
    {
        lock (_lock)
        {
            Forget();
            return _readings.GetValueOrDefault(key) is { FoundBegan: { } began } reading && time.GetElapsedTime(began) <= Kept ? reading.Found : null;
        }
    }

    private async Task<T> RunAsync(TKey key, Reading reading)
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

        T found = await read(key, CancellationToken.None);
        lock (_lock)
        {
            reading.Took = time.GetElapsedTime(began);
            if (reading.FoundBegan is not { } other || other < began)
            {
                reading.Found = found;
                reading.FoundBegan = began;
            }
        }

        return found;
    }

    private TimeSpan Pause(Reading reading) => reading.Took * PauseShare > interval ? reading.Took * PauseShare : interval;

    private void Forget()
    {
        foreach ((TKey key, Reading reading) in _readings)
        {
            if (reading is { Next: null, Began: { } began } && time.GetElapsedTime(began) > Kept)
            {
                _readings.Remove(key);
            }
        }
    }

    private sealed class Reading
    {
        public Task<T>? Next { get; set; }
        public long? Began { get; set; }
        public TimeSpan Took { get; set; }
        public T? Found { get; set; }
        public long? FoundBegan { get; set; }
    }
}
