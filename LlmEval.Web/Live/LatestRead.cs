namespace LlmEval.Web.Live;

/// <summary>Of several readings of what a page shows only the last counts: to begin one cancels the one before.</summary>
public sealed class LatestRead : IDisposable
{
    private Closing _reading = new();
    private bool _ended;

    /// <summary>Of the last reading that was begun. Cancelled for good when the page ends.</summary>
    public CancellationToken Token => _reading.Token;

    public CancellationToken Begin()
    {
        _reading.Dispose();
        if (!_ended)
        {
            _reading = new Closing();
        }

        return Token;
    }

    public void Dispose()
    {
        _ended = true;
        _reading.Dispose();
    }
}
