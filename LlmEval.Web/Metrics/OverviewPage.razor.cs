using LlmEval.Web.Live;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Metrics;

public sealed partial class OverviewPage
{
    private OverviewState _state = null!;
    private ITimer? _nextStep;

    /// <summary>Something happened while the first figures were read.</summary>
    private bool _missed;

    /// <summary>Which period is compared with which.</summary>
    private string _compared = "";

    [SupplyParameterFromQuery(Name = "range")]
    private string? Range { get; set; }

    [SupplyParameterFromQuery(Name = "from")]
    private string? From { get; set; }

    [SupplyParameterFromQuery(Name = "to")]
    private string? To { get; set; }

    [Inject]
    public required ReadOverview Read { get; init; }

    [Inject]
    public required LastOverview Last { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [Inject]
    public required CircuitLink Link { get; init; }

    private OverviewAddress Asked => OverviewAddress.Parse(Range, From, To);

    protected override void OnInitialized() => _state = new OverviewState(Read, Last, Clock, StateHasChanged);

    protected override async Task OnParametersSetAsync()
    {
        if (IsOpen)
        {
            await ShowAsync();
        }
        else
        {
            Name(Asked);
            _state.Announce(Asked);
        }
    }

    protected override Task OpenAsync() => ShowAsync();

    protected override async Task TakeAsync(LiveBatch batch)
    {
        if (_state.HasRead)
        {
            await _state.RefreshAsync();
            AwaitNextStep();
        }
        else
        {
            _missed = true;
        }
    }

    private async Task ShowAsync()
    {
        OverviewAddress asked = Asked;
        await _state.ShowAsync(asked, Name(asked), Time.Zone);
        if (_missed && _state.HasRead)
        {
            _missed = false;
            await _state.RefreshAsync();
        }

        if (_state.View is { Overview.Ever.Traces: 0 })
        {
            Navigation.NavigateTo("start", replace: true);
        }

        AwaitNextStep();
    }

    /// <summary>Charts move on with the clock too, when nothing happens.</summary>
    private void AwaitNextStep()
    {
        _nextStep?.Dispose();
        _nextStep = Closed.IsCancellationRequested || _state.UntilNextStep is not { } rest
            ? null
            : Clock.CreateTimer(_ => _ = InvokeAsync(MoveOnAsync), null, rest > TimeSpan.Zero ? rest : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private async Task MoveOnAsync()
    {
        try
        {
            await Link.Connected;
            if (!Closed.IsCancellationRequested)
            {
                await _state.RefreshAsync();
                AwaitNextStep();
                StateHasChanged();
            }
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
    }

    private RangeWords Name(OverviewAddress asked)
    {
        var words = RangeWords.Of(asked, Time);
        _compared = $"{words.Period}, compared with {words.Than}";
        return words;
    }

    private void GoTo(OverviewAddress address) => Navigation.NavigateTo(address.ToString());

    protected override async ValueTask DisposeCoreAsync()
    {
        _state.Dispose();
        if (_nextStep is not null)
        {
            await _nextStep.DisposeAsync();
        }
    }
}
