using LlmEval.Web.Access;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace LlmEval.Web.Settings;

public sealed partial class SettingsPage : IAsyncDisposable
{
    private PageScript _script = null!;

    [Inject]
    public required IJSRuntime Js { get; init; }

    [Inject]
    public required PageProject Project { get; init; }

    protected override void OnInitialized() => _script = new PageScript(Js, "./Settings/SettingsPage.razor.js");

    // The page knows nothing of what a browser remembers; preferences.js sets the controls and follows them.
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await _script.RunAsync("show");
        }
    }

    public ValueTask DisposeAsync() => _script.DisposeAsync();
}
