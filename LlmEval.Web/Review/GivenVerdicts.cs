using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;
using LlmEval.Web.Traces;

namespace LlmEval.Web.Review;

/// <summary>
/// The verdicts that were given on a page: saved behind what it shows, offered to be taken back for a while, and kept with their
/// texts where they could not be saved.
/// </summary>
/// <param name="changed">Called when something is to be shown.</param>
/// <param name="closed">Ends with the page.</param>
public sealed class GivenVerdicts(
    ReviewDesk desk,
    CurrentReviewer reviewer,
    TimeProvider time,
    Action changed,
    CancellationToken closed)
{
    /// <summary>How long the last verdict can be taken back by the notice about it. From the history it always can.</summary>
    public static readonly TimeSpan UndoOffered = TimeSpan.FromSeconds(10);

    /// <summary>So many of the last can be taken back here, whatever the length of the day.</summary>
    public const int Kept = 200;

    private readonly List<JudgedTrace> _judged = [];
    private readonly List<Trouble> _troubles = [];
    private readonly TimedOffer<JudgedTrace> _offer = new(UndoOffered, time, changed, closed);

    private int _dropped;

    /// <summary>Called with what is in the database now. A verdict keeps to what this was when it was given.</summary>
    public Func<Evaluation, Task> Saved { get; set; } = _ => Task.CompletedTask;

    /// <summary>Oldest first, and not more than are kept.</summary>
    public IReadOnlyList<JudgedTrace> Judged => _judged;

    /// <summary>How many there were.</summary>
    public int Count => _dropped + _judged.Count;

    /// <summary>Those that could not be saved as they were given.</summary>
    public IReadOnlyList<Trouble> Troubles => _troubles;

    /// <summary>The one that the notice offers to take back.</summary>
    public JudgedTrace? Offered => _offer.Value;

    /// <summary>Traces whose verdict is not in the database.</summary>
    public IEnumerable<string> Unsaved => _judged.Where(j => j.Version == 0).Select(j => j.Trace.TraceId).Concat(_troubles.Select(t => t.Mine.TraceId));

    public TimeSpan? Pace => ReviewPace.Mean([.. _judged.Select(j => j.At)]);

    /// <summary>Ends when everything that was begun is saved, or could not be.</summary>
    public Task Saving => Task.WhenAll(_judged.Select(j => j.Saving));

    /// <summary>Adds a verdict that is not saved yet, and offers to take it back.</summary>
    public JudgedTrace Add(TraceDetail seen, Judgement mine)
    {
        var judged = new JudgedTrace(seen, mine, time.UtcNow());
        Keep(judged);
        _offer.Make(judged);
        return judged;
    }

    /// <param name="seen">What the reviewer had before them.</param>
    public Task SaveAsync(JudgedTrace judged, TraceDetail seen) => judged.Saving = StoreAsync(judged, seen);

    /// <summary>Ends the offer when its time is over.</summary>
    public Task EndOfferAsync(JudgedTrace judged) => _offer.EndAsync(judged);

    /// <summary>Takes a verdict out, to be undone: whoever gets it does that.</summary>
    /// <returns>False when it was not saved, or is taken already.</returns>
    public async Task<bool> TryTakeAsync(JudgedTrace judged)
    {
        await judged.Saving;
        if (!_judged.Remove(judged))
        {
            return false;
        }

        _offer.Withdraw();
        return true;
    }

    /// <summary>Forgets a verdict, if it was given here: it was taken back elsewhere.</summary>
    /// <param name="version">The version that the trace got by it.</param>
    public void Forget(string traceId, int version)
    {
        foreach (JudgedTrace judged in _judged.Where(j => j.Trace.TraceId == traceId && j.Version == version).ToList())
        {
            _judged.Remove(judged);
            if (Offered == judged)
            {
                _offer.Withdraw();
            }
        }
    }

    /// <summary>Saves a verdict in spite of another one, or once more.</summary>
    public async Task InsistAsync(Trouble trouble)
    {
        if (_troubles.Remove(trouble))
        {
            TraceDetail seen = trouble.Theirs ?? trouble.Seen;
            var judged = new JudgedTrace(seen, trouble.Mine, time.UtcNow());
            Keep(judged);

            // The notice offers to take back the last one: it must not name another.
            _offer.Make(judged);
            _ = EndOfferAsync(judged);
            await SaveAsync(judged, seen);
        }
    }

    public void Dismiss(Trouble trouble) => _troubles.Remove(trouble);

    /// <summary>Others may say something of a trace afterwards.</summary>
    public void Take(LogEvent e)
    {
        if (_judged.FindLast(j => j.Trace.TraceId == e.TraceId) is { Version: > 0 } judged && EventVersion.Of(e) > judged.Version)
        {
            judged.Status = e.Status;
        }
    }

    private void Keep(JudgedTrace judged)
    {
        _judged.Add(judged);
        while (_judged is [{ Version: > 0 }, ..] && _judged.Count > Kept)
        {
            _judged.RemoveAt(0);
            _dropped++;
        }
    }

    private async Task StoreAsync(JudgedTrace judged, TraceDetail seen)
    {
        Func<Evaluation, Task> saved = Saved;
        (Evaluation? entry, Trouble? trouble) = await desk.JudgeAsync(seen, judged.Mine, reviewer.Name, closed);
        if (entry is not null)
        {
            judged.Version = entry.Version;
            await saved(entry);
        }
        else
        {
            _judged.Remove(judged);
            _troubles.Add(trouble!);
            if (Offered == judged)
            {
                _offer.Withdraw();
            }
        }

        changed();
    }
}
