using LlmEval.Core.Access;
using Microsoft.AspNetCore.Components.Authorization;

namespace LlmEval.Web.Access;

/// <summary><see cref="PageCaller.FindAsync"/>, for what knows no circuit.</summary>
public delegate Task<Caller?> FindViewer();

/// <summary>Whose circuit this is, and what they may do now: asked anew for every command, since rights end while pages stay open.</summary>
public sealed class PageCaller(AuthenticationStateProvider states, CallerFinder callers, PageProject project)
{
    /// <returns>Null when the session has ended, or credentials are asked for since the page was opened.</returns>
    public async Task<Caller?> FindAsync() => callers.Noted(await LookAsync());

    /// <summary>As <see cref="FindAsync"/>, when it is not the person who does something: their session does not last longer by it.</summary>
    public async Task<Caller?> LookAsync()
    {
        AuthenticationState state = await states.GetAuthenticationStateAsync();
        return callers.Find(Caller.SessionOf(state.User), project.Id);
    }

    /// <exception cref="NotAllowedException"/>
    public async Task<Caller> DemandAsync(Rights needed)
    {
        Caller? caller = await FindAsync();
        return Refusal(caller, needed) is { } refusal ? throw new NotAllowedException(refusal) : caller!;
    }

    /// <returns>Why somebody may not, in words; null when they may.</returns>
    public static string? Refusal(Caller? caller, Rights needed) =>
        caller is null ? "You are signed out, so this was not done. Sign in again."
        : !caller.May(needed) ? $"Your role does not allow this. It needs: {needed.ToString().ToLowerInvariant()}."
        : null;
}
