using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Web.Live;

namespace LlmEval.Web.Review;

/// <summary>How far a queue has come: counted once, then moved by events where they tell enough, and counted again where not.</summary>
public sealed class LiveCounts(ReviewQueue queue, ReviewScope scope, OutageRetry retry, TimeProvider time)
{
    /// <summary>Between two counts of a queue whose events do not tell whether they are of it; one without an index takes the database seconds.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    /// <summary>What came while it was counted.</summary>
    private readonly List<LogEvent> _meanwhile = [];

    private bool _doubted = true;
    private bool _counting;

    /// <summary>Something may have changed since it was counted, too soon to count again.</summary>
    private bool _stale;

    private bool _resting;
    private long _countedAt;

    /// <summary>Everything up to this event is counted.</summary>
    private long _position;

    /// <summary>Null until it is counted, and where it cannot be.</summary>
    public QueueCounts? Now { get; private set; }

    /// <summary>Events were missed.</summary>
    public void Doubt() => _doubted = true;

    public void Take(LogEvent e)
    {
        bool isOfItsModels = scope.Filter.ModelNames.Count == 0 || scope.Filter.ModelNames.Contains(e.ModelName);
        if (!scope.IsOfWholeModels)
        {
            bool judged = e.Action == EventAction.Evaluated;
            bool rested = scope.Size is not null || time.GetElapsedTime(_countedAt) >= Rest;
            _doubted |= judged && rested;

            // Only a verdict is counted at once, as far as that may be: traces come by the thousand.
            _stale |= e.Action switch
            {
                EventAction.Evaluated => !rested,
                EventAction.NewTrace or EventAction.UpdatedTrace => isOfItsModels && scope.Size is null,
                EventAction.DeletedTrace or EventAction.SweptTraces => true,
                _ => false,
            };
        }
        else if (isOfItsModels)
        {
            Apply(e);
            if (_counting)
            {
                _meanwhile.Add(e);
            }
        }
    }

    /// <summary>A verdict of this page, where no event is counted and a new count would cost too much.</summary>
    public void Move(EvaluationStatus from, EvaluationStatus to)
    {
        if (!scope.IsOfWholeModels && scope.Size is null)
        {
            Now = Now?.With(from, -1).With(to, 1);
        }
    }

    /// <summary>Counts, if that is needed.</summary>
    public async Task RefreshAsync(CancellationToken cancel)
    {
        // Who comes while it is counted leaves it to the one who counts.
        while (_doubted && !_counting)
        {
            (_doubted, _counting) = (false, true);
            try
            {
                Show(await retry.RunAsync(() => queue.CountAsync(cancel), cancel));
            }
            finally
            {
                _meanwhile.Clear();
                _counting = false;
            }
        }
    }

    /// <summary>Counts once more when it may be done, if it has to be.</summary>
    public async Task SettleAsync(CancellationToken cancel)
    {
        while (_stale && !_resting)
        {
            _resting = true;
            try
            {
                await Task.Delay(Rest, time, cancel);
                (_stale, _doubted) = (false, true);
                await RefreshAsync(cancel);
            }
            finally
            {
                _resting = false;
            }
        }
    }

    private void Show(QueueReading read)
    {
        (Now, _position, _countedAt) = (read.Counts, read.Position ?? 0, time.GetTimestamp());
        _meanwhile.ForEach(Apply);
    }

    private void Apply(LogEvent e)
    {
        // An event may come after a count that holds it already.
        if (e.Id > _position)
        {
            Now = e.Action switch
            {
                EventAction.NewTrace => Now?.With(e.Status, 1),
                EventAction.DeletedTrace => Now?.With(e.Status, -1),
                EventAction.Evaluated when e.PreviousStatus is { } before => Now?.With(before, -1).With(e.Status, 1),
                _ => Now,
            };
        }
    }
}
