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
    private OutageRetry _retry = null!;
    private IReadOnlyList<Person>? _people;
    private IReadOnlyList<Invitation> _links = [];
    private (string Title, string Address)? _link;
    private string _email = "";
    private Role _role = Role.Reviewer;
    private string? _fault;
    private bool _inviting;

    /// <summary>Grows with what is refused: a choice that was not taken must not stay in its field.</summary>
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

    [Inject]
    public required TimeProvider Clock { get; init; }

    protected override async Task OnInitializedAsync()
    {
        _retry = new OutageRetry(Clock, StateHasChanged);
        _open = await Viewer.LookAsync() is { Kind: CallerKind.Open };
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await Time.KnowZoneAsync();
            _ = Directory.FollowAsync(Viewer, Rights.Admin, _retry, LookAgainAsync, _closed.Token);
        }
    }

    /// <summary>Somebody joined, or another administrator changed something.</summary>
    private async Task LookAgainAsync(Caller caller)
    {
        await ReadAsync(caller);
        StateHasChanged();
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
            _link = ($"A link for {email ?? "whoever has it"}, for seven days", JoinAddress(token));
        }

        _said = answer.Added switch
        {
            null => null,
            { IsDisabled: false, Name: { } name } => $"{name} has an account and got the role.",
            { Name: { } name } when caller.IsOwner => $"{name} got the role, but cannot sign in: the account is disabled. Enable it in the list of people.",
            { Name: { } name } => $"{name} got the role, but cannot sign in: the account is disabled. Ask an owner to enable it.",
        };
        return answer.Fault;
    }));

    private Task ResetAsync(User user) => _linking.RunAsync(() => AsOwnerAsync(async caller =>
    {
        string token = await Invitations.CreateResetAsync(user, caller.ToActor(), _closed.Token);
        _link = ($"A link for a new password of {user.Name}, for a day", JoinAddress(token));
        return null;
    }));

    private Task CancelAsync(Invitation link) => ChangeAsync(async caller =>
    {
        _said = await Invitations.CancelAsync(Project.Id, link.Id, caller.IsOwner, caller.ToActor(), _closed.Token) ? "The link does not hold any longer." : null;
        return null;
    });

    private Task SetRoleAsync(User user, string? chosen)
    {
        Role? role = Enum.TryParse(chosen, out Role given) ? given : null;
        if (user.Id != _me)
        {
            return SetAsync();
        }

        // The field keeps what was chosen while that is asked.
        _asked = role == Role.Admin ? null : new Asked(user.Id, "Give up my role", SetAsync, role is null
            ? $"You will no longer see {Project.Name}. Only another admin can let you in again."
            : $"You will no longer be an admin of {Project.Name}, and this page closes to you. Only another admin can give it back.");
        return Task.CompletedTask;

        Task SetAsync() => ChangeAsync(caller => People.SetRoleAsync(Project.Id, user.Id, role, caller.ToActor(), _closed.Token));
    }

    private void AskOwner(User user)
    {
        bool owner = !user.IsOwner;
        Ask(new Asked(
            user.Id,
            owner ? "Give all rights" : "Take all rights",
            () => AsOwnerAsync(caller => People.SetOwnerAsync(user.Id, owner, caller.ToActor(), _closed.Token)),
            user.Id == _me ? "You will only keep the roles that you have in projects. Only another owner can make you one again." : null));
    }

    private void AskDisable(User user) => Ask(new Asked(
        user.Id,
        "Sign out and disable",
        () => AsOwnerAsync(caller => People.SetDisabledAsync(user.Id, true, caller.ToActor(), _closed.Token)),
        user.Id == _me ? "You will be signed out everywhere, and cannot sign in until another owner enables you." : null));

    /// <summary>What was asked before is not answered any longer: a choice that it was about must not stay in its field.</summary>
    private void Ask(Asked? asked) => (_asked, _refused) = (asked, _refused + (_asked is null ? 0 : 1));

    private Task EnableAsync(User user) => AsOwnerAsync(caller => People.SetDisabledAsync(user.Id, false, caller.ToActor(), _closed.Token));

    private Task ConfirmAsync()
    {
        Func<Task>? change = _asked?.Change;
        _asked = null;
        return change is null ? Task.CompletedTask : change();
    }

    private string JoinAddress(string token) => $"{Navigation.BaseUri}join?token={token}";

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
    /// <param name="Loss">What they lose who do it to themselves.</param>
    private sealed record Asked(int UserId, string Words, Func<Task> Change, string? Loss);
}
