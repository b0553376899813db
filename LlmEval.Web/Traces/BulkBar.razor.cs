using LlmEval.Core.Amending;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Web.Live;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Traces;

public sealed partial class BulkBar : IDisposable
{
    private const int FaultsSaid = 3;
    private const string ChangedMeanwhile = "somebody changed it meanwhile";

    private readonly LatestRead _gathering = new();

    /// <summary>The verdicts of the last run, each with the version that it made: what can be taken back.</summary>
    private readonly List<(string TraceId, int Version)> _given = [];

    private BulkRun? _run;
    private bool _undid;
    private string? _reason;
    private string? _tag;
    private string _what = "";
    private bool _isGathering;

    /// <summary>How many were selected when all of the list were.</summary>
    private int? _all;

    private TracesAddress _address = new();

    [Parameter, EditorRequired]
    public required TraceSelection Selection { get; set; }

    /// <summary>The list that they are picked from.</summary>
    [Parameter]
    public TracesAddress Address { get; set; } = new();

    /// <summary>Reads all that match, so many at most, or null when another list is wanted meanwhile. None while all of them are loaded.</summary>
    [Parameter]
    public Func<int, CancellationToken, Task<IReadOnlyList<TraceSummary>?>>? Gather { get; set; }

    /// <summary>Called when a run changed the selection.</summary>
    [Parameter]
    public EventCallback Changed { get; set; }

    /// <summary>Called when nothing is selected any longer, and nothing left to be said.</summary>
    [Parameter]
    public EventCallback Closed { get; set; }

    [Inject]
    public required JudgeTrace Judge { get; init; }

    [Inject]
    public required UndoVerdict Undo { get; init; }

    [Inject]
    public required TagTrace Tag { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    private bool OffersAll => Gather is not null && !Selection.IsFull && Selection.Count != _all;

    private string Said => _run switch
    {
        { IsRunning: true } => "",
        null when Selection.IsFull => $"No more than {TraceFormat.Count(TraceSelection.Most)} at a time.",
        null => Selection.Count > 0 && Selection.Count == _all ? "These are all that matched just now." : "",
        { Faults.Count: 0 } run => $"{TraceFormat.Count(run.Done)} {_what}.",
        { } run => $"{TraceFormat.Count(run.Done - run.Faults.Count)} {_what}, {TraceFormat.Count(run.Faults.Count)} not{(_undid || Selection.Count == 0 ? "" : "; they stay selected")}: "
            + string.Join("; ", run.Faults.Take(FaultsSaid).Select(f => $"{f.TraceId}: {f.Fault}")) + (run.Faults.Count > FaultsSaid ? "…" : "."),
    };

    protected override async Task OnParametersSetAsync()
    {
        bool another = !Address.ListsTheSameAs(_address);
        _address = Address;
        if (another)
        {
            _all = null;
            if (_run is null && Selection.Count == 0)
            {
                await Closed.InvokeAsync();
            }
        }
    }

    private async Task SelectAllAsync()
    {
        (_run, _isGathering) = (null, true);
        _given.Clear();
        CancellationToken cancel = _gathering.Begin();
        try
        {
            IReadOnlyList<TraceSummary>? all = await Gather!(TraceSelection.Most, cancel);
            if (all is not null && !cancel.IsCancellationRequested)
            {
                Selection.Clear();
                Selection.Add(all);
                _all = Selection.Count;
                await Changed.InvokeAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The selection was cleared, or the page closed.
        }
        finally
        {
            _isGathering = false;
        }
    }

    private Task JudgeAsync(EvaluationStatus status)
    {
        string? reason = string.IsNullOrWhiteSpace(_reason) ? null : _reason.Trim();
        return RunAsync(TraceFormat.Status(status).ToLowerInvariant(), async (traceId, version, cancel) =>
        {
            DecisionAnswer answer = await Judge(new Verdict(traceId, status) { Reason = reason, ExpectedVersion = version }, cancel);
            if (answer is { Outcome: ChangeOutcome.Applied, Entry: { } entry })
            {
                _given.Add((traceId, entry.Version));
            }

            return FaultOf(answer.Outcome, answer.Faults);
        });
    }

    /// <summary>Takes back what the last run said, but for what somebody has changed since.</summary>
    private Task UndoAsync()
    {
        (string, int)[] given = [.. _given];
        return RunAsync("taken back", given, isUndo: true, async (traceId, version, cancel) =>
        {
            DecisionAnswer answer = await Undo(traceId, version, cancel);

            // What a stop or an outage leaves can still be taken back.
            _given.Remove((traceId, version));
            return FaultOf(answer.Outcome, answer.Faults);
        });
    }

    private Task TagAsync()
    {
        string[] tags = [.. (_tag ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        _tag = null;
        return tags.Length == 0
            ? Task.CompletedTask
            : RunAsync("tagged", async (traceId, _, cancel) =>
            {
                AmendAnswer answer = await Tag(traceId, tags, cancel);
                return FaultOf(answer.Outcome, answer.Faults);
            });
    }

    private Task RunAsync(string what, Func<string, int, CancellationToken, Task<string?>> act) => RunAsync(what, Selection.All, isUndo: false, act);

    private async Task RunAsync(string what, IReadOnlyList<(string TraceId, int Version)> traces, bool isUndo, Func<string, int, CancellationToken, Task<string?>> act)
    {
        if (_run is { IsRunning: true })
        {
            return;
        }

        (_what, _undid) = (what, isUndo);
        if (!isUndo)
        {
            _given.Clear();
        }

        _run = new BulkRun(Clock, StateHasChanged);
        await _run.RunAsync(traces, act, _undid ? _ => { } : Selection.Remove);
        foreach ((string traceId, string _) in _run.Faults.Where(f => f.Fault == ChangedMeanwhile))
        {
            Selection.Tell(traceId);
        }

        await Changed.InvokeAsync();
    }

    private static string? FaultOf(ChangeOutcome outcome, IReadOnlyList<string> faults) => outcome switch
    {
        ChangeOutcome.Applied => null,
        ChangeOutcome.NotFound => "it was deleted meanwhile",
        ChangeOutcome.Moved => ChangedMeanwhile,
        _ => string.Join(", ", faults),
    };

    private Task ClearAsync()
    {
        _gathering.Begin();
        Selection.Clear();
        _given.Clear();
        _run = null;
        return Closed.InvokeAsync();
    }

    public void Dispose()
    {
        _gathering.Dispose();
        _run?.Dispose();
    }
}
