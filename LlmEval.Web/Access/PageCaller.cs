using LlmEval.Core.Access;
using Microsoft.AspNetCore.Components.Authorization;

namespace LlmEval.Web.Access;

/// <summary>Whose circuit this is, and what they may do now: asked anew for every command, since rights end while pages stay open.</summary>
public sealed class PageCaller(AuthenticationStateProvider states, CallerFinder callers, PageProject project)
{
    /// <returns>Null when the session has ended, or credentials are asked for since the page was opened.</returns>
    public async Task<Caller?> FindAsync()
    {
        AuthenticationState state = await states.GetAuthenticationStateAsync();
        return callers.Find(Caller.SessionOf(state.User), project.Id);
    }

    public async Task<bool> MayAsync(Rights needed) => await FindAsync() is { } caller && caller.May(needed);
}
