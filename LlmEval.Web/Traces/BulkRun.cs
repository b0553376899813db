using LlmEval.Core.Storage;

namespace LlmEval.Web.Traces;

/// <summary>Does one thing to many traces, one after the other, and tells how far it is. It can be stopped between two.</summary>
/// <param name="changed">Called as it goes on, at most four times a second, and at its end.</param>
public sealed class BulkRun(TimeProvider time, Action changed) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _stop = new();

    public int Total { get; private set; }

    public int Done { get; private set; }

    /// <summary>What went wrong, with the trace.</summary>
    public List<(string TraceId, string Fault)> Faults { get; } = [];

    public bool IsRunning { get; private set; }

    /// <param name="act">Null when it went well, else why not.</param>
    /// <param name="succeeded">Called for each that went well.</param>
    public async Task RunAsync(
        IReadOnlyList<(string TraceId, int Version)> traces,
        Func<string, int, CancellationToken, Task<string?>> act,
        Action<string> succeeded)
    {
        (Total, IsRunning) = (traces.Count, true);
        long told = time.GetTimestamp();
        foreach ((string traceId, int version) in traces)
        {
            if (_stop.IsCancellationRequested)
            {
                break;
            }

            // One that has begun is finished: nobody can tell afterwards whether a broken off one was stored.
            string? fault = await TryAsync(() => act(traceId, version, CancellationToken.None));
            Done++;
            if (fault is null)
            {
                succeeded(traceId);
            }
            else
            {
                Faults.Add((traceId, fault));
            }

            if (time.GetElapsedTime(told) >= Interval)
            {
                told = time.GetTimestamp();
                changed();
            }
        }

        IsRunning = false;
        changed();
    }

    public void Stop() => _stop.Cancel();

    private static async Task<string?> TryAsync(Func<Task<string?>> act)
    {
        try
        {
            return await act();
        }
        catch (Exception e) when (Outage.Is(e))
        {
            return "the database cannot be reached";
        }
    }

    public void Dispose() => _stop.Cancel();
}
