using Microsoft.AspNetCore.Components.Web;

namespace LlmEval.Web.Shell;

public sealed partial class MainLayout
{
    private bool _open = true;
    private ErrorBoundary? _boundary;

    // Against the base address a bare "#main" would lead to the start page.
    private string SkipTarget => Navigation.Uri.Split('#')[0] + "#main";

    protected override void OnParametersSet() => _boundary?.Recover();
}
