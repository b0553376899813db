namespace LlmEval.Web.Shell;

/// <summary>
/// For what must not be done twice by a double click: the second click is on its way before the page can take the button away.
/// </summary>
public sealed class OneAtATime
{
    public bool IsRunning { get; private set; }

    /// <summary>Does nothing while the act before has not ended.</summary>
    public async Task RunAsync(Func<Task> act)
    {
        if (IsRunning)
        {
            return;
        }

        IsRunning = true;
        try
        {
            await act();
        }
        finally
        {
            IsRunning = false;
        }
    }
}
