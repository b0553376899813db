using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;

namespace LlmEval.Web.Live;

/// <summary>A live page whose address says what it shows. The router tells a page of another path or parameter, but not of another query.</summary>
public abstract class LivePage : LiveComponent
{
    [Inject]
    public required NavigationManager Navigation { get; init; }

    protected override void OnInitialized() => Navigation.LocationChanged += OnLocationChanged;

    /// <param name="path">Relative to the base of the site.</param>
    protected abstract bool IsThisPage(string path);

    /// <summary>Shows what the address names; a render follows.</summary>
    protected abstract Task GoAsync();

    private void OnLocationChanged(object? sender, LocationChangedEventArgs e)
    {
        if (IsOpen && IsThisPage(Navigation.ToBaseRelativePath(e.Location).Split('?', '#')[0]))
        {
            _ = InvokeAsync(FollowAddressAsync);
        }
    }

    private async Task FollowAddressAsync()
    {
        try
        {
            await GoAsync();
            StateHasChanged();
        }
        catch (Exception e) when (e is not JSDisconnectedException)
        {
            // To the page's error boundary: nobody awaits this.
            await DispatchExceptionAsync(e);
        }
    }

    protected override ValueTask DisposeCoreAsync()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        return ValueTask.CompletedTask;
    }
}
