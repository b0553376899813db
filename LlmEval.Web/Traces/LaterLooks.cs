using LlmEval.Web.Live;

namespace LlmEval.Web.Traces;

/// <summary>
/// Looks a while after something happened, and once more later: what is searched comes into the index behind the events. However
/// much happens, it looks once a pause.
/// </summary>
public sealed class LaterLooks(TimeProvider time, Func<Task> look) : IDisposable
{
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(6)];

    private readonly Closing _end = new();
    private int _next = Pauses.Length;
    private bool _running;

    /// <summary>Something happened.</summary>
    public void Begin()
    {
        _next = 0;
        if (!_running)
        {
            _ = RunAsync();
        }
    }

    private async Task RunAsync()
    {
        _running = true;
        try
        {
            while (_next < Pauses.Length)
            {
                await Task.Delay(Pauses[_next++], time, _end.Token);
                await look();
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
        }
        finally
        {
            _running = false;
        }
    }

    public void Dispose() => _end.Dispose();
}
