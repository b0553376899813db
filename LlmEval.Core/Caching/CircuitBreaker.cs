namespace LlmEval.Core.Caching;

/// <summary>After several failures in a row it says no for a while, and then lets one call find out.</summary>
internal sealed class CircuitBreaker(TimeProvider time)
{
    public const int Failures = 3;

    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private int _failures;
    private long _openedAt;
    private bool _trying;

    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return _failures >= Failures;
            }
        }
    }

    /// <summary>Whether to make a call. Whoever gets a yes reports how it went.</summary>
    public bool Allows()
    {
        lock (_gate)
        {
            if (_failures < Failures)
            {
                return true;
            }

            if (_trying || time.GetElapsedTime(_openedAt) < Pause)
            {
                return false;
            }

            _trying = true;
            return true;
        }
    }

    public void Succeeded()
    {
        lock (_gate)
        {
            _failures = 0;
            _trying = false;
        }
    }

    /// <summary>Nobody knows how the call would have gone: its caller has left.</summary>
    public void GiveUp()
    {
        lock (_gate)
        {
            _trying = false;
        }
    }

    public void Failed()
    {
        lock (_gate)
        {
            _failures = Math.Min(_failures + 1, Failures);
            _openedAt = time.GetTimestamp();
            _trying = false;
        }
    }
}
