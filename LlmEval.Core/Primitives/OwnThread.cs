namespace LlmEval.Core.Primitives;

/// <summary>
/// A thread for work that blocks and that everything waits for. What follows a wait on the pool stands in line behind all that the
/// requests have put there; a thread is woken by the system, at once.
/// </summary>
/// <param name="name">Shown by debuggers and profilers.</param>
internal sealed class OwnThread(string name) : IDisposable
{
    private readonly object _gate = new();
    private Thread? _thread;

    // Under the gate.
    private Action? _work;
    private bool _ended;

    /// <summary>Runs a piece of work. One at a time: the next may be given once it has ended.</summary>
    /// <returns>Ends with the work. What awaits it goes on upon this thread, and so must be short.</returns>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>();
        lock (_gate)
        {
            if (_work is not null)
            {
                throw new InvalidOperationException($"The thread '{name}' has work that it has not begun.");
            }

            _thread ??= Start();
            _work = () => Complete(done, work);
            Monitor.Pulse(_gate);
        }

        return done.Task;
    }

    private static void Complete<T>(TaskCompletionSource<T> done, Func<T> work)
    {
        try
        {
            done.SetResult(work());
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }

    private Thread Start()
    {
        var thread = new Thread(Loop) { Name = name, IsBackground = true };
        thread.Start();
        return thread;
    }

    private void Loop()
    {
        while (Next() is { } work)
        {
            work();
        }
    }

    private Action? Next()
    {
        lock (_gate)
        {
            while (_work is null && !_ended)
            {
                Monitor.Wait(_gate);
            }

            (Action? work, _work) = (_work, null);
            return work;
        }
    }

    /// <summary>Ends the thread after what it was given.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.Pulse(_gate);
        }
    }
}
