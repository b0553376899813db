using System.Reflection;
using LlmEval.Core.Access;
using LlmEval.Web.Live;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Access;

public sealed partial class PageGate : IDisposable
{
    /// <summary>What ends by the clock is seen within this time; what somebody changes, at once.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private const string Here = "./";

    private readonly Closing _closed = new();
    private Caller? _caller;
    private bool _allowed;

    [Parameter, EditorRequired]
    public required Microsoft.AspNetCore.Components.RouteData Route { get; set; }

    [Inject]
    public required IServiceProvider Services { private get; init; }

    [Inject]
    public required AccessDirectory Directory { private get; init; }

    [Inject]
    public required NavigationManager Navigation { private get; init; }

    [Inject]
    public required TimeProvider Time { private get; init; }

    /// <summary>A page that does not say is closed to everybody.</summary>
    private Rights Needed => Route.PageType.GetCustomAttribute<NeedsAttribute>()?.Rights ?? (Rights)short.MaxValue;

    private string SignInAddress => $"sign-in?return={Uri.EscapeDataString("/" + Navigation.ToBaseRelativePath(Navigation.Uri))}";

    /// <summary>To where they may read: out of a project that they are no longer in, to a page that the server makes and finds one for them.</summary>
    private string Way => _caller?.May(Rights.Read) == true ? Here : ProjectPath.Address(Navigation, Directory.Book.FindProject(Projects.Default)!);

    protected override Task OnParametersSetAsync() => LookAsync();

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            _ = Directory.FollowAsync(() => InvokeAsync(LookAgainAsync), Interval, Time, _closed.Token);
        }
    }

    private async Task LookAsync()
    {
        // The way in is open before it is known who is at the door.
        if (Needed == Rights.None)
        {
            (_caller, _allowed) = (null, true);
            return;
        }

        _caller = await Services.GetRequiredService<PageCaller>().LookAsync();
        _allowed = _caller?.May(Needed) == true;
    }

    private async Task LookAgainAsync()
    {
        (Rights? rights, string? name) = (_caller?.Rights, _caller?.Name);
        await LookAsync();
        if ((rights, name) == (_caller?.Rights, _caller?.Name) || _closed.IsCancellationRequested)
        {
            return;
        }

        StateHasChanged();
        if (_caller is null)
        {
            Navigation.NavigateTo(SignInAddress, forceLoad: true);
        }
    }

    private static string Words(Rights rights) => rights switch
    {
        Rights.Ingest => "send traces",
        Rights.Read => "read",
        Rights.Evaluate => "judge traces",
        _ => "administer the project",
    };

    public void Dispose() => _closed.Dispose();
}
