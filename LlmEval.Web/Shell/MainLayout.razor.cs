using LlmEval.Web.Review;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace LlmEval.Web.Shell;

public sealed partial class MainLayout
{
    private ErrorBoundary? _boundary;

    [Inject]
    public required CurrentReviewer Reviewer { get; init; }

    // Against the base address a bare "#main" would lead to the start page.
    private string SkipTarget => Navigation.Uri.Split('#')[0] + "#main";

    protected override void OnParametersSet() => _boundary?.Recover();

    // Beside the question for the time zone, not after it: a page that needs the answer opens by a way to the browser and back sooner.
    protected override Task OnAfterRenderAsync(bool firstRender) => firstRender ? Reviewer.KnowAsync() : Task.CompletedTask;
}
