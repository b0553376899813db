using LlmEval.Core.Access;
using LlmEval.Core.Alerts;
using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Web.Access;
using LlmEval.Web.Live;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Alerts;

public sealed partial class AlertsPage
{
    private const int Step = 50;

    private IReadOnlyList<OpenAlert> _open = [];
    private IReadOnlyList<AlertRule> _rules = [];
    private IReadOnlyList<Alert> _history = [];
    private IReadOnlyList<string> _models = [];
    private IReadOnlyList<string> _faults = [];
    private OutageRetry _retry = null!;
    private RuleDraft? _draft;
    private string? _deleting;
    private string? _fault;
    private int _limit = Step;
    private bool _mayAct;
    private bool _mayRule;

    [Inject]
    public required AlertBoard Board { get; init; }

    [Inject]
    public required AlertReads Reads { get; init; }

    [Inject]
    public required PageCaller Caller { get; init; }

    [Inject]
    public required IOptions<AlertOptions> Options { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    protected override EventFilter Followed => EventFilter.Nothing;

    protected override Func<Task> Signal => () => Board.Changed;

    protected override void OnInitialized()
    {
        _retry = new OutageRetry(Clock, StateHasChanged);
        ShowKnown();
    }

    protected override async Task OpenAsync()
    {
        ShowKnown();
        (_mayAct, _mayRule) = (await Caller.MayAsync(Rights.Evaluate), await Caller.MayAsync(Rights.Admin));
        StateHasChanged();
        await _retry.RunAsync(ReadAsync, Closed);
    }

    protected override async Task TakeAsync(LiveBatch batch)
    {
        // What is open is known without a database, and is shown first.
        ShowKnown();
        StateHasChanged();
        try
        {
            await ReadAsync();
        }
        catch (Exception e) when (Outage.Is(e))
        {
            // The board changes again when the database is back.
        }
    }

    private void ShowKnown()
    {
        _open = Board.Open(Project.Id);
        _rules = [.. Options.Value.ToRules(), .. Board.Rules.Where(r => r.ProjectId == Project.Id).OrderBy(r => r.Name, StringComparer.CurrentCulture)];
    }

    private async Task ReadAsync()
    {
        _history = await Reads.History(Project.Id, _limit, Closed);
        _models = await Reads.ModelNames(Project.Id, Closed);
    }

    private void Edit(RuleDraft? draft) => (_draft, _faults, _deleting) = (draft, [], null);

    private Task SaveAsync() => DoAsync(Rights.Admin, async () =>
    {
        if (_draft?.ToRule(Project.Id, out _faults) is { } rule && (_faults = await Reads.Save(rule, Closed)).Count == 0)
        {
            Edit(null);
        }
    });

    private Task DeleteAsync(AlertRule rule) => DoAsync(Rights.Admin, async () =>
    {
        _deleting = null;
        await Reads.Delete(Project.Id, rule.Key, Closed);
    });

    private Task AcknowledgeAsync(Alert alert) => DoAsync(
        Rights.Evaluate, async () => await Reads.Acknowledge(Project.Id, alert.Id, await Caller.FindAsync() is { Kind: CallerKind.Person, Name: var name } ? name : null, Closed));

    /// <param name="until">Null announces them again.</param>
    private Task MuteAsync(int projectId, string ruleKey, TimeSpan? until) => DoAsync(
        Rights.Evaluate, () => Reads.Mute(projectId, ruleKey, until is { } length ? Clock.UtcNow() + length : null, Closed));

    private async Task MoreAsync()
    {
        _limit += Step;
        await DoAsync(Rights.Read, ReadAsync);
    }

    private async Task DoAsync(Rights needed, Func<Task> act)
    {
        _fault = null;
        if (!await Caller.MayAsync(needed))
        {
            _fault = "You may not do this any more. Sign in again, or ask an administrator.";
            return;
        }

        try
        {
            await act();
            ShowKnown();
        }
        catch (Exception e) when (Outage.Is(e))
        {
            _fault = "The database cannot be reached, and nothing was changed. Try again in a moment.";
        }
    }

    private static string What(Alert alert) => alert.Measure == AlertMeasure.DatabaseAway
        ? "The database did not answer"
        : $"{AlertText.Value(alert.Measure, alert.Value)}, {AlertText.Limit(alert)}";

    private static string By(Alert alert) => alert.AcknowledgedBy is { Length: > 0 } name ? name : "Somebody";

    private string MutedText(DateTime until) => until > Clock.UtcNow().AddYears(1) ? "muted" : $"muted until {Time.Short(until)}";
}
