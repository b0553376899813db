using LlmEval.Core.Access;
using LlmEval.Core.Views;
using LlmEval.Web.Access;

namespace LlmEval.Web.Traces;

/// <summary>What pages do with saved views, for the project at hand. Whoever judges may change what everybody finds there.</summary>
public sealed class ViewDesk(SavedViews views, PageProject project, FindViewer findViewer)
{
    public const Rights Needed = Rights.Evaluate;

    public Task<IReadOnlyList<SavedView>> ListAsync(CancellationToken cancel) => views.ListAsync(project.Id, cancel);

    /// <exception cref="NotAllowedException"/>
    public async Task<ViewOutcome> SaveAsync(string name, string query, bool overwrite, CancellationToken cancel) =>
        await views.SaveAsync(project.Id, name, query, overwrite, await ActorAsync(), cancel);

    /// <exception cref="NotAllowedException"/>
    public async Task<ViewOutcome> RenameAsync(string name, string newName, CancellationToken cancel) =>
        await views.RenameAsync(project.Id, name, newName, await ActorAsync(), cancel);

    /// <exception cref="NotAllowedException"/>
    public async Task<ViewOutcome> DeleteAsync(string name, CancellationToken cancel) =>
        await views.DeleteAsync(project.Id, name, await ActorAsync(), cancel);

    private async Task<Actor> ActorAsync()
    {
        Caller? caller = await findViewer();
        return PageCaller.Refusal(caller, Needed) is { } refusal ? throw new NotAllowedException(refusal) : caller!.ToActor();
    }
}
