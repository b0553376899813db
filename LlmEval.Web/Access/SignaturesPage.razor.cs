using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Web.Live;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Access;

public sealed partial class SignaturesPage : IDisposable
{
    private readonly Closing _closed = new();
    private readonly OneAtATime _making = new();
    private OutageRetry _retry = null!;
    private IReadOnlyList<WebhookSecret>? _secrets;
    private WebhookSecret? _made;
    private string? _fault;
    private int? _asking;

    [Inject]
    public required WebhookSecrets Secrets { get; init; }

    [Inject]
    public required AccessDirectory Directory { get; init; }

    [Inject]
    public required IOptions<SignatureOptions> Common { get; init; }

    [Inject]
    public required PageCaller Viewer { get; init; }

    [Inject]
    public required PageProject Project { get; init; }

    [Inject]
    public required ViewerTime Time { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    private string Meaning => (_secrets, Common.Value.Secrets) switch
    {
        ({ Count: > 0 }, _) => "Webhooks are taken only when they are signed with one of these. Replaced ones go on for a day, so that senders can change.",
        (_, not null) => "Webhooks have to be signed with the server's WEBHOOK_SECRET. A secret of the project's own takes its place here.",
        _ => "Webhooks need no signature. The first secret changes that at once: what is not signed with it is refused.",
    };

    /// <summary>What ending the one that is asked about does. Those that were replaced do not stay.</summary>
    private string Loss => (_secrets?.Any(s => s.Id != _asking && s.ExpiresAt is null), Common.Value.Secrets) switch
    {
        (true, _) => "What is still signed with it is refused from then on.",
        (_, not null) => "No other secret stays. Without one, webhooks have to be signed with the server's WEBHOOK_SECRET.",
        _ => "No other secret stays. Without one, webhooks are taken without a signature from everybody who may send traces.",
    };

    protected override void OnInitialized() => _retry = new OutageRetry(Clock, StateHasChanged);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await Time.KnowZoneAsync();
            _ = Directory.FollowAsync(Viewer, Rights.Admin, _retry, _ => LookAgainAsync(), _closed.Token);
        }
    }

    private Task MakeAsync(bool replace) => _making.RunAsync(() => TryAsync(async caller =>
    {
        _made = await Secrets.CreateAsync(Project.Id, replace, caller.ToActor(), _closed.Token);
        _fault = _made is null ? $"No more than {WebhookSecrets.MostAtATime} hold at a time. End one first." : null;
    }));

    private Task EndAsync(WebhookSecret secret) => TryAsync(async caller =>
    {
        await Secrets.EndAsync(Project.Id, secret.Id, caller.ToActor(), _closed.Token);
        _asking = null;
        _made = _made?.Id == secret.Id ? null : _made;
    });

    private async Task LookAgainAsync()
    {
        await ReadAsync();
        StateHasChanged();
    }

    private async Task ReadAsync() => _secrets = await Secrets.ListAsync(Project.Id, Clock.UtcNow(), _closed.Token);

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

    private string End(WebhookSecret secret) => secret.ExpiresAt is { } at ? $"ends {Time.Short(at)}" : "does not end";

    public void Dispose() => _closed.Dispose();
}
