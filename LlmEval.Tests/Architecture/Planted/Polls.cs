using Microsoft.AspNetCore.Components;

namespace LlmEval.Tests.Architecture.Planted;

internal sealed class LooksAgainAndAgain : ComponentBase
{
    [Inject]
    public required TimeProvider Time { get; init; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(3), Time);
        while (await timer.WaitForNextTickAsync())
        {
            StateHasChanged();
        }
    }
}
