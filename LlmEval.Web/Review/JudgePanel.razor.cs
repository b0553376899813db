using System.Text.Json;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Traces;
using LlmEval.Web.Live;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LlmEval.Web.Review;

/// <summary>Where a verdict is given on one trace: give it a key by the trace.</summary>
public sealed partial class JudgePanel : IAsyncDisposable
{
    /// <summary>Notes and ideal answer have up to 1 MiB each, and JSON may write a character as six.</summary>
    private const long MostBytes = 16 << 20;

    private readonly Closing _closed = new();
    private readonly TaskCompletionSource _attached = new();
    private readonly List<string> _tags = [];
    private readonly OnScreen<TraceDetail> _onScreen = new();
    private ElementReference _form;
    private DotNetObjectReference<JudgePanel>? _self;
    private PageScript _script = null!;
    private string _tag = "";

    /// <summary>The answer as it was when somebody began to edit it: a later one must not take the place of what they write.</summary>
    private string _answer = "";

    private bool _rejecting;
    private bool _rejectingShown;
    private bool _editing;
    private bool _editingShown;
    private bool _typed;

    [Parameter, EditorRequired]
    public required TraceDetail Detail { get; set; }

    [Parameter, EditorRequired]
    public required ReviewVocabulary Vocabulary { get; set; }

    /// <summary>What was said before it was taken back.</summary>
    [Parameter]
    public Judgement? Draft { get; set; }

    /// <summary>Asked before a verdict is read: one that is not taken must not count as what is being saved.</summary>
    [Parameter]
    public Func<bool> MayJudge { get; set; } = () => true;

    [Parameter]
    public EventCallback<GivenJudgement> Judged { get; set; }

    /// <summary>Called with the trace: the next one may be shown by the time it is taken.</summary>
    [Parameter]
    public EventCallback<string> Skipped { get; set; }

    /// <summary>Called with the version of the verdict that is to be taken back: another may stand by the time it is.</summary>
    [Parameter]
    public EventCallback<int> Undone { get; set; }

    /// <summary>Whether there should be room for a long text.</summary>
    [Parameter]
    public EventCallback<bool> EditingChanged { get; set; }

    [Inject]
    public required IJSRuntime Js { get; init; }

    private string TraceId => Detail.Trace.TraceId;

    /// <summary>The reason that was given before, if it is one of those offered.</summary>
    private string? ChosenReason => Draft?.Reason is { } given && Vocabulary.Reasons.Contains(given) ? given : null;

    private string IdealAtFirst => Draft?.CorrectedResponse ?? _answer;

    protected override async Task OnInitializedAsync()
    {
        _script = new PageScript(Js, "./Review/JudgePanel.razor.js");
        _tags.AddRange(Draft?.Tags ?? []);
        _typed = (Draft?.Reason is not null && ChosenReason is null) || Draft is { Notes: not null } or { CorrectedResponse: not null };
        if (Draft?.CorrectedResponse is not null)
        {
            _editingShown = true;
            await EditAsync(true);
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        _onScreen.Acknowledge();
        if (firstRender)
        {
            _self = DotNetObjectReference.Create(this);
            await _script.AttachAsync("watch", _form, TraceId, _self);
            _attached.TrySetResult();
        }

        if (_rejecting != _rejectingShown && _attached.Task.IsCompleted)
        {
            _rejectingShown = _rejecting;
            if (_rejecting)
            {
                await _script.CallAsync("rejecting");
            }
        }

        if (_editing != _editingShown && _attached.Task.IsCompleted)
        {
            _editingShown = _editing;
            await _script.CallAsync("editing", _editing);
        }
    }

    /// <summary>Called by the browser when there is something to read in the fields, until it was heard.</summary>
    /// <param name="ideal">A draft of the ideal answer is among it, which this browser kept.</param>
    /// <param name="tags">Those of a draft that this browser kept.</param>
    [JSInvokable]
    public async Task OnTyped(bool ideal, string[] tags)
    {
        _typed = true;
        _tags.AddRange(tags.Where(tag => Given(tag) is not null).Except(_tags));
        if (ideal && !_editing)
        {
            await EditAsync(true);
        }

        StateHasChanged();
    }

    private string Pressed(EvaluationStatus status) => Detail.Trace.Status == status ? "true" : "false";

    private Task ArmOrRejectAsync()
    {
        if (_rejecting)
        {
            return RejectAsync();
        }

        _rejecting = true;
        return Task.CompletedTask;
    }

    private Task RejectAsync() => JudgeAsync(EvaluationStatus.Rejected);

    private Task UndoAsync() =>
        (_onScreen.Now ?? Detail).Standing() is [.., var last] ? Undone.InvokeAsync(last.Version) : Task.CompletedTask;

    private Task RejectForAsync(string reason) => JudgeAsync(EvaluationStatus.Rejected, reason);

    private async Task EditAsync(bool editing)
    {
        (_editing, _answer) = (editing, Detail.Trace.AiResponse);
        await EditingChanged.InvokeAsync(editing);
    }

    private void AddTag(ChangeEventArgs e)
    {
        _tag = (e.Value as string ?? "").Trim();
        if (_tag.Length > 0 && !_tags.Contains(_tag))
        {
            _tags.Add(_tag);
        }

        _tag = "";
    }

    private async Task JudgeAsync(EvaluationStatus status, string? reason = null)
    {
        if (!MayJudge())
        {
            return;
        }

        // Reading a long text takes a while, and what others say meanwhile is not what this is said of.
        TraceDetail seen = _onScreen.Now ?? Detail;
        Typed typed = await ReadTypedAsync();
        string? given = reason ?? (status == EvaluationStatus.Rejected ? Given(typed.Reason) ?? ChosenReason : null);

        // Before: whoever takes the verdict may be busy with it for a while, and the next key is about something else.
        _rejecting = false;
        var mine = new Judgement(TraceId, status)
        {
            Reason = given,
            Notes = Given(typed.Notes),
            Tags = [.. _tags],
            CorrectedResponse = _editing && typed.Ideal is { } ideal && ideal != Lines(_answer) ? ideal : null,
        };
        await Judged.InvokeAsync(new GivenJudgement(seen, mine));
    }

    /// <summary>What stands in the fields. Where nothing was typed, nobody is asked: a verdict takes one way to the server.</summary>
    private async Task<Typed> ReadTypedAsync()
    {
        // A key may be quicker than the browser's word that there is something in the fields.
        await _attached.Task;
        if (!_typed)
        {
            return new Typed(Draft?.Reason, Draft?.Notes, Draft?.CorrectedResponse);
        }

        await using IJSStreamReference typed = await _script.AskAsync<IJSStreamReference>("typed", _form);
        await using Stream stream = await typed.OpenReadStreamAsync(MostBytes, _closed.Token);
        Typed read = await JsonSerializer.DeserializeAsync<Typed>(stream, JsonSerializerOptions.Web, _closed.Token) ?? new Typed();
        return read with { Notes = Lines(read.Notes), Ideal = Lines(read.Ideal) };
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    /// <summary>Fields of a browser know one kind of line break.</summary>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    private static string? Lines(string? text) => text?.Replace("\r\n", "\n").Replace('\r', '\n');

    public async ValueTask DisposeAsync()
    {
        _attached.TrySetResult();
        await _closed.CancelAsync();
        _closed.Dispose();
        await _script.DisposeAsync();
        _self?.Dispose();
    }

    private sealed record Typed(string? Reason = null, string? Notes = null, string? Ideal = null);
}
