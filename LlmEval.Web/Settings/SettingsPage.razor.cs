using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LlmEval.Web.Settings;

public sealed partial class SettingsPage
{
    [Inject]
    public required IJSRuntime Js { get; init; }

    // The page knows nothing of what a browser remembers; preferences.js sets the controls and follows them.
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            try
            {
                await Js.InvokeVoidAsync("llmevalPreferences.show");
            }
            catch (JSDisconnectedException)
            {
                // The browser left while the page opened.
            }
        }
    }
}
