using System.Globalization;
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
    private Caller? _viewer;

    [Inject]
    public required AlertBoard Board { get; init; }

    [Inject]
    public required AlertReads Reads { get; init; }

    [Inject]
    public required PageCaller Viewer { get; init; }

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
        _viewer = await Viewer.FindAsync();
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

    private Task SaveAsync() => DoAsync(Rights.Admin, async caller =>
    {
        if (_draft?.ToRule(Project.Id, out _faults) is { } rule && (_faults = await Reads.Save(rule, caller.ToActor(), Closed)).Count == 0)
        {
            Edit(null);
        }
    });

    private Task DeleteAsync(AlertRule rule) => DoAsync(Rights.Admin, async caller =>
    {
        _deleting = null;
        await Reads.Delete(Project.Id, rule.Key, caller.ToActor(), Closed);
    });

    private Task AcknowledgeAsync(Alert alert) => TendAsync(
        alert.ProjectId, caller => Reads.Acknowledge(Project.Id, alert.Id, caller.User?.Name, caller.ToActor(), Closed));

    /// <param name="until">Null announces them again.</param>
    private Task MuteAsync(int projectId, string ruleKey, TimeSpan? until) => TendAsync(
        projectId, caller => Reads.Mute(projectId, ruleKey, until is { } length ? Clock.UtcNow() + length : null, caller.ToActor(), Closed));

    private async Task MoreAsync()
    {
        _limit += Step;
        await DoAsync(Rights.Read, _ => ReadAsync());
    }

    private Task TendAsync(int projectId, Func<Caller, Task> act) => DoAsync(
        Rights.Evaluate, caller => AlertReads.MayTend(caller, projectId) ? act(caller) : throw new NotAllowedException(AlertReads.OfTheServer));

    private async Task DoAsync(Rights needed, Func<Caller, Task> act)
    {
        _fault = null;
        try
        {
            await act(await Viewer.DemandAsync(needed));
            ShowKnown();
        }
        catch (NotAllowedException e)
        {
            _fault = e.Message;
        }
        catch (Exception e) when (Outage.Is(e))
        {
            _fault = "The database cannot be reached, and nothing was changed. Try again in a moment.";
        }
    }

    private static string What(Alert alert) => alert.Measure == AlertMeasure.DatabaseAway
        ? "The database did not answer"
        : $"{AlertText.Value(alert.Measure, alert.Value, CultureInfo.CurrentCulture)}, {AlertText.Limit(alert, CultureInfo.CurrentCulture)}";

    private bool MayRule => _viewer?.May(Rights.Admin) == true;

    private bool MayTend(int projectId) => AlertReads.MayTend(_viewer, projectId);

    private static string By(Alert alert) => alert.AcknowledgedBy is { Length: > 0 } name ? name : "Somebody";

    private string MutedText(DateTime until) => until > Clock.UtcNow().AddYears(1) ? "muted" : $"muted until {Time.Short(until)}";
}
