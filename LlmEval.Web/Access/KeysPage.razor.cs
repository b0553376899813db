using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Web.Live;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Access;

public sealed partial class KeysPage : IDisposable
{
    private static readonly Dictionary<string, string> Labels = new() { ["name"] = "Name", ["scopes"] = "It may", ["expires_at"] = "It ends" };

    private readonly Closing _closed = new();
    private readonly OneAtATime _making = new();
    private OutageRetry _retry = null!;
    private IReadOnlyList<ApiKey>? _keys;
    private NewApiKey? _made;
    private Rights _scopes = Rights.Ingest;
    private string _name = "";
    private string? _fault;
    private int _days;
    private int? _asking;
    private bool _open;
    private bool _hasUsers;
    private DateTime _now;

    [Inject]
    public required ApiKeys Keys { get; init; }

    [Inject]
    public required AccessDirectory Directory { get; init; }

    [Inject]
    public required PageCaller Viewer { get; init; }

    [Inject]
    public required PageProject Project { get; init; }

    [Inject]
    public required ViewerTime Time { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    protected override void OnInitialized() => _retry = new OutageRetry(Clock, StateHasChanged);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await Time.KnowZoneAsync();
            _ = Directory.FollowAsync(Viewer, Rights.Admin, _retry, _ => LookAgainAsync(), _closed.Token);
        }
    }

    private Task MakeAsync() => _making.RunAsync(() => TryAsync(async caller =>
    {
        var request = new ApiKeyRequest(_name, _scopes, _days == 0 ? null : Clock.UtcNow().AddDays(_days));
        if (request.FindFaults(Clock.UtcNow()) is { Count: > 0 } faults)
        {
            _fault = FieldFault.Join(faults, Labels);
            return;
        }

        _made = await Keys.CreateAsync(Project.Id, request, caller.ToActor(), _closed.Token);
        _name = "";
    }));

    private Task RevokeAsync(ApiKey key) => TryAsync(async caller =>
    {
        await Keys.RevokeAsync(Project.Id, key.Id, caller.ToActor(), _closed.Token);
        _asking = null;
        _made = _made?.Key.Id == key.Id ? null : _made;
    });

    private async Task LookAgainAsync()
    {
        await ReadAsync();
        StateHasChanged();
    }

    private async Task ReadAsync()
    {
        (_open, _hasUsers, _now) = (Directory.Book.IsOpen, Directory.Book.HasUsers, Clock.UtcNow());
        _keys = await Keys.ListAsync(Project.Id, _closed.Token);
    }

    /// <summary>Does something as the viewer, if they still may, and reads the list anew.</summary>
    private async Task TryAsync(Func<Caller, Task> act)
    {
        _fault = null;
        try
        {
            if (await Viewer.FindAsync() is not { } caller || !caller.May(Rights.Admin))
            {
                _fault = "Your role does not allow this any more. Sign in again.";
                return;
            }

            await act(caller);
            await ReadAsync();
        }
        catch (Exception e) when (Outage.Is(e))
        {
            _fault = "The database cannot be reached. Try again in a moment.";
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
        }
    }

    private string LastUse(ApiKey key) => key.LastUsedAt is { } at ? $"last used {Time.Short(at)}" : "not used yet";

    private string End(ApiKey key) => key switch
    {
        { RevokedAt: { } at } => $"revoked {Time.Short(at)}",
        { ExpiresAt: { } at } when at <= _now => $"ended {Time.Short(at)}",
        { ExpiresAt: { } at } => $"ends {Time.Short(at)}",
        _ => "does not end",
    };

    public void Dispose() => _closed.Dispose();
}
