using LlmEval.Core.Access;
using LlmEval.Core.Storage;
using LlmEval.Web.Access;
using LlmEval.Web.Live;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.People;

public sealed partial class PeoplePage : IDisposable
{
    private readonly Closing _closed = new();
    private readonly OneAtATime _linking = new();
    private IReadOnlyList<Person>? _people;
    private IReadOnlyList<Invitation> _links = [];
    private (string Title, string Link)? _made;
    private string _email = "";
    private Role _role = Role.Reviewer;
    private string? _fault;
    private bool _inviting;

    /// <summary>Grows with what is refused or asked first: a choice that was not taken must not stay in its field.</summary>
    private int _refused;

    private Asked? _asked;
    private string? _said;
    private bool _open;
    private bool _isOwner;
    private int? _me;

    [Inject]
    public required Users People { get; init; }

    [Inject]
    public required Invitations Invitations { get; init; }

    [Inject]
    public required AccessDirectory Directory { get; init; }

    [Inject]
    public required PageCaller Viewer { get; init; }

    [Inject]
    public required PageProject Project { get; init; }

    [Inject]
    public required ViewerTime Time { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    protected override async Task OnInitializedAsync() => _open = await Viewer.LookAsync() is { Kind: CallerKind.Open };

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await Time.KnowZoneAsync();
            await ChangeAsync(_ => Task.FromResult<string?>(null));
            StateHasChanged();
            _ = Directory.FollowAsync(() => InvokeAsync(LookAgainAsync), _closed.Token);
        }
    }

    /// <summary>Somebody joined, or another administrator changed something.</summary>
    private async Task LookAgainAsync()
    {
        try
        {
            if (await Viewer.LookAsync() is { } caller && caller.May(Rights.Admin))
            {
                await ReadAsync(caller);
                StateHasChanged();
            }
        }
        catch (Exception e) when (Outage.Is(e))
        {
            // What is listed stays; the next change shows it.
        }
    }

    private async Task ReadAsync(Caller caller)
    {
        (_open, _isOwner, _me) = (caller.Kind == CallerKind.Open, caller.IsOwner, caller.User?.Id);
        IReadOnlyList<Person> people = await People.ListAsync(Project.Id, all: caller.IsOwner, _closed.Token);
        (_people, _links) = (people, await Invitations.ListAsync(Project.Id, all: caller.IsOwner, _closed.Token));
    }

    private Task SetUpAsync() => ChangeAsync(async caller =>
    {
        if (caller.Kind != CallerKind.Open || await Invitations.CreateSetUpAsync(caller.ToActor(), _closed.Token) is not { } token)
        {
            return "There is an account already. Sign in.";
        }

        Navigation.NavigateTo($"setup?token={token}", forceLoad: true);
        return null;
    });

    private Task InviteAsync() => _linking.RunAsync(() => ChangeAsync(async caller =>
    {
        _inviting = true;
        string? email = string.IsNullOrWhiteSpace(_email) ? null : _email.Trim();
        if (email is not null && NewPerson.FaultsOfEmail(email).FirstOrDefault() is { } fault)
        {
            return fault;
        }

        InvitationAnswer answer = await Invitations.CreateAsync(Project.Id, _role, email, caller.ToActor(), _closed.Token);
        _email = answer.Fault is null ? "" : _email;
        if (answer.Token is { } token)
        {
            _made = ($"A link for {email ?? "whoever has it"}, for seven days", $"{Navigation.BaseUri}join?token={token}");
        }

        _said = answer.Added switch
        {
            null => null,
            { IsDisabled: true } off => $"{off.Name} got the role, but their account is disabled: they can sign in once an owner enables it.",
            { } added => $"{added.Name} has an account and got the role.",
        };
        return answer.Fault;
    }));

    private Task ResetAsync(User user) => _linking.RunAsync(() => AsOwnerAsync(async caller =>
    {
        string token = await Invitations.CreateResetAsync(user, caller.ToActor(), _closed.Token);
        _made = ($"A link for a new password of {user.Name}, for a day", $"{Navigation.BaseUri}join?token={token}");
        return null;
    }));

    private Task CancelAsync(Invitation link) => ChangeAsync(async caller =>
    {
        _said = await Invitations.CancelAsync(Project.Id, link.Id, caller.IsOwner, caller.ToActor(), _closed.Token) ? "The link does not hold any longer." : null;
        return null;
    });

    private Task SetRoleAsync(User user, string? word)
    {
        Role? role = Enum.TryParse(word, out Role given) ? given : null;
        if (user.Id != _me || role == Role.Admin)
        {
            return ChangeAsync(SetAsync);
        }

        // Nobody else but an admin could give it back.
        (_asked, _refused) = (new Asked(user.Id, role is null ? "Leave this project" : "Stop being an admin", SetAsync, IsForOwners: false), _refused + 1);
        return Task.CompletedTask;

        Task<string?> SetAsync(Caller caller) => People.SetRoleAsync(Project.Id, user.Id, role, caller.ToActor(), _closed.Token);
    }

    private void AskOwner(User user)
    {
        bool owner = !user.IsOwner;
        _asked = new Asked(user.Id, owner ? "Give all rights" : "Take all rights", caller => People.SetOwnerAsync(user.Id, owner, caller.ToActor(), _closed.Token));
    }

    private void AskDisable(User user) =>
        _asked = new Asked(user.Id, "Sign out and disable", caller => People.SetDisabledAsync(user.Id, true, caller.ToActor(), _closed.Token));

    private Task EnableAsync(User user) => AsOwnerAsync(caller => People.SetDisabledAsync(user.Id, false, caller.ToActor(), _closed.Token));

    private Task ConfirmAsync()
    {
        (Asked? asked, _asked) = (_asked, null);
        return asked switch
        {
            null => Task.CompletedTask,
            { IsForOwners: true } => AsOwnerAsync(asked.Change),
            _ => ChangeAsync(asked.Change),
        };
    }

    /// <summary>What concerns people in every project.</summary>
    private Task AsOwnerAsync(Func<Caller, Task<string?>> change) =>
        ChangeAsync(caller => caller.IsOwner ? change(caller) : Task.FromResult<string?>("Only owners do this."));

    /// <summary>Does something as the viewer, if they still may, and reads the list anew.</summary>
    /// <param name="change">What is returned is why it was not done.</param>
    private async Task ChangeAsync(Func<Caller, Task<string?>> change)
    {
        (_fault, _said, _inviting) = (null, null, false);
        try
        {
            Caller caller = await Viewer.DemandAsync(Rights.Admin);
            _fault = await change(caller);
            await ReadAsync(caller);
        }
        catch (NotAllowedException e)
        {
            _fault = e.Message;
        }
        catch (Exception e) when (Outage.Is(e))
        {
            _fault = "The database cannot be reached. Try again in a moment.";
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
        }

        _refused += _fault is null ? 0 : 1;
    }

    public void Dispose() => _closed.Dispose();

    /// <summary>What is done to a person once it is confirmed, since a slip must not do it.</summary>
    private sealed record Asked(int UserId, string Words, Func<Caller, Task<string?>> Change, bool IsForOwners = true);
}
