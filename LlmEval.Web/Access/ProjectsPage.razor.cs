using LlmEval.Core.Access;
using LlmEval.Core.Storage;
using LlmEval.Web.Live;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Access;

public sealed partial class ProjectsPage : IDisposable
{
    private static readonly Dictionary<string, string> Labels = new() { ["name"] = "Name", ["slug"] = "Name in addresses" };

    private readonly Closing _closed = new();
    private readonly OneAtATime _making = new();
    private IReadOnlyList<Project> _projects = [];
    private bool _mayMake;
    private string _name = "";
    private string _slug = "";
    private string? _fault;

    [Inject]
    public required CreateProject Create { get; init; }

    [Inject]
    public required AccessDirectory Directory { get; init; }

    [Inject]
    public required PageCaller Viewer { get; init; }

    [Inject]
    public required PageProject Current { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    protected override async Task OnInitializedAsync() => Take(await Viewer.FindAsync());

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            _ = Directory.FollowAsync(() => InvokeAsync(LookAgainAsync), _closed.Token);
        }
    }

    private async Task LookAgainAsync()
    {
        Take(await Viewer.LookAsync());
        StateHasChanged();
    }

    private Caller? Take(Caller? caller)
    {
        _projects = caller is null ? [] : [.. caller.ProjectsIn(Directory.Book)];
        _mayMake = caller is { IsOwner: true };
        return caller;
    }

    private Task MakeAsync() => _making.RunAsync(async () =>
    {
        _fault = null;
        try
        {
            if (Take(await Viewer.FindAsync()) is not { IsOwner: true } caller)
            {
                _fault = "Only owners make projects.";
                return;
            }

            (Project? made, IReadOnlyList<string> faults) = await Create.RunAsync(_slug.Trim(), _name, caller.ToActor(), _closed.Token);
            if (made is null)
            {
                _fault = FieldFault.Join(faults, Labels);
                return;
            }

            (_name, _slug) = ("", "");
            Take(caller);
        }
        catch (Exception e) when (Outage.Is(e))
        {
            _fault = "The database cannot be reached. Try again in a moment.";
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
        }
    });

    public void Dispose() => _closed.Dispose();
}
