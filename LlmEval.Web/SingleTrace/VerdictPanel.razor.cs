using System.Text.Json;
using LlmEval.Core.Amending;
using LlmEval.Core.Primitives;
using LlmEval.Core.Review;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Web.Traces;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LlmEval.Web.SingleTrace;

public sealed partial class VerdictPanel : IAsyncDisposable
{
    /// <summary>Notes have up to 1 MiB, and JSON may write a character as six.</summary>
    private const long MostBytes = 8 << 20;

    private readonly CancellationTokenSource _closed = new();
    private ElementReference _form;
    private IJSObjectReference? _module;
    private EvaluationStatus? _conflict;
    private string? _fault;
    private string _said = "";
    private bool _saving;

    /// <summary>The state that is shown, and judged: another one in the database is a conflict.</summary>
    [Parameter, EditorRequired]
    public required TraceDetail Detail { get; set; }

    /// <summary>Called when the state turned out to be another one than is shown.</summary>
    [Parameter]
    public EventCallback Outdated { get; set; }

    [Inject]
    public required JudgeTrace Judge { get; init; }

    [Inject]
    public required IJSRuntime Js { get; init; }

    private string Pressed(EvaluationStatus status) => Detail.Trace.Status == status ? "true" : "false";

    private async Task JudgeAsync(EvaluationStatus status)
    {
        if (_saving)
        {
            return;
        }

        _saving = true;
        _fault = null;
        try
        {
            Typed typed = await ReadTypedAsync();
            var verdict = new Verdict(Detail.Trace.TraceId, status)
            {
                Reason = Given(typed.Reason),
                Notes = Given(typed.Notes),
                Tags = Given(typed.Tags)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct().ToArray(),
                ExpectedVersion = Detail.Trace.Version,
            };
            await TakeAsync(await Judge(verdict, _closed.Token), status);
        }
        catch (Exception e) when (Outage.Is(e))
        {
            _fault = "The database cannot be reached, so nothing was saved. What you typed is still here: try again.";
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
        }
        finally
        {
            _saving = false;
        }
    }

    private async Task TakeAsync(DecisionAnswer answer, EvaluationStatus status)
    {
        _conflict = null;
        switch (answer.Outcome)
        {
            case ChangeOutcome.Applied:
                _said = $"{TraceFormat.Status(status)}. Saved.";
                await _module!.InvokeVoidAsync("clear", _form);
                break;
            case ChangeOutcome.Moved:
                await Outdated.InvokeAsync();
                _conflict = status;
                break;
            case ChangeOutcome.NotFound:
                _fault = "This trace was deleted meanwhile.";
                break;
            default:
                _fault = string.Join(" ", answer.Faults);
                break;
        }
    }

    private async Task<Typed> ReadTypedAsync()
    {
        _module ??= await Js.InvokeAsync<IJSObjectReference>("import", "./SingleTrace/VerdictPanel.razor.js");
        await using IJSStreamReference typed = await _module.InvokeAsync<IJSStreamReference>("typed", _form);
        await using Stream stream = await typed.OpenReadStreamAsync(MostBytes, _closed.Token);
        return await JsonSerializer.DeserializeAsync<Typed>(stream, JsonSerializerOptions.Web, _closed.Token) ?? new Typed();
    }

    private static string By(Evaluation last) =>
        (last.Evaluator is { Length: > 0 } name ? $" by {name}" : "") + (last.Reason is { Length: > 0 } reason ? $": {reason}" : "");

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _closed.Dispose();
        try
        {
            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone, and the module with it.
        }
    }

    private sealed record Typed(string? Reason = null, string? Notes = null, string? Tags = null);
}
