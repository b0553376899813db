using LlmEval.Core.Primitives;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Metrics;

public sealed partial class RangePicker
{
    private bool _open;
    private DateTime _from;
    private DateTime _to;
    private string? _fault;

    [Parameter, EditorRequired]
    public required OverviewAddress Address { get; set; }

    [Parameter]
    public EventCallback<OverviewAddress> Chosen { get; set; }

    [Inject]
    public required ViewerTime Time { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    private static string Href(RangeChoice choice) => OverviewAddress.Of(choice).ToString() is { Length: > 0 } query ? query : "./";

    private void Toggle()
    {
        _open = !_open;
        _fault = null;
        (DateTime from, DateTime to) = Address.Choice is { } choice ? (Clock.UtcNow() - choice.Length, Clock.UtcNow()) : (Address.From, Address.To);
        _from = CutToMinute(Time.ToLocal(from));
        _to = CutToMinute(Time.ToLocal(to));
    }

    private async Task ApplyAsync()
    {
        if (OverviewAddress.Between(Time.ToUtc(_from), Time.ToUtc(_to)) is { } address)
        {
            _open = false;
            await Chosen.InvokeAsync(address);
        }
        else
        {
            _fault = _to > _from ? "That is more than ten years: choose a shorter period." : "The end has to be after the beginning.";
        }
    }

    private static DateTime CutToMinute(DateTime local) => local.AddTicks(-(local.Ticks % TimeSpan.TicksPerMinute));
}
