using System.Threading.Channels;

namespace LlmEval.Core.Alerts;

/// <summary>What was raised and cleared and is yet to be written, in order. While the database is away it gathers here.</summary>
internal sealed class AlertOutbox(AlertBoard board)
{
    private readonly Channel<AlertChange> _changes = Channel.CreateUnbounded<AlertChange>(new() { SingleReader = true });

    /// <summary>The board shows it at once, with or without a database. Whether it is announced is decided here, once.</summary>
    public void Add(IEnumerable<AlertChange> changes)
    {
        foreach (AlertChange change in changes)
        {
            Alert alert = change.Alert;
            alert.AnnouncedAt = !change.IsRaised ? board.AnnouncedAt(alert.Id) ?? alert.AnnouncedAt : board.IsMuted(alert) ? null : change.At;
            board.Take(change);
            _changes.Writer.TryWrite(change);
        }
    }

    public IAsyncEnumerable<AlertChange> ReadAllAsync(CancellationToken cancel) => _changes.Reader.ReadAllAsync(cancel);
}
