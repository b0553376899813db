using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Views;

/// <summary>Keeps each project's views. Everybody in the project has the same ones.</summary>
public sealed class SavedViews(IDbContextFactory<LlmEvalDb> databases, AuditedChanges changes)
{
    public const int MostCharacters = 80;
    public const int MostViews = 100;

    private const int LongestQuery = 8_000;

    /// <summary>By name.</summary>
    public async Task<IReadOnlyList<SavedView>> ListAsync(int projectId, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        List<SavedView> views = await db.Set<SavedView>().Where(v => v.ProjectId == projectId).ToListAsync(cancel);

        // Here, so that the order is the same on every database.
        return [.. views.OrderBy(v => v.Name, Naming.Order).ThenBy(v => v.Name, StringComparer.Ordinal)];
    }

    /// <param name="overwrite">What the view of this name showed before is given up. Capitals make no other name.</param>
    public async Task<ViewOutcome> SaveAsync(int projectId, string name, string query, bool overwrite, Actor actor, CancellationToken cancel)
    {
        name = name.Trim();
        if (!IsName(name) || query.Length > LongestQuery)
        {
            return IsName(name) ? ViewOutcome.TooLong : ViewOutcome.BadName;
        }

        return await UnlessTakenAsync(
            async change =>
            {
                List<string> names = await NamesAsync(change, projectId);
                string? taken = names.Contains(name) ? name : names.Find(other => Naming.Order.Equals(other, name));
                if (taken is not null && !overwrite)
                {
                    return ViewOutcome.Taken;
                }

                if (taken is not null)
                {
                    await Named(change.Db, projectId, taken).ExecuteUpdateAsync(set => set.SetProperty(v => v.Query, query), change.Cancel);
                    change.Audit("settings.view_changed", taken, projectId, new { query });
                    return ViewOutcome.Done;
                }

                if (names.Count >= MostViews)
                {
                    return ViewOutcome.TooMany;
                }

                change.Db.Add(new SavedView { ProjectId = projectId, Name = name, Query = query });
                change.Audit("settings.view_saved", name, projectId, new { query });
                return ViewOutcome.Done;
            },
            actor,
            cancel);
    }

    public async Task<ViewOutcome> RenameAsync(int projectId, string name, string newName, Actor actor, CancellationToken cancel)
    {
        newName = newName.Trim();
        if (!IsName(newName))
        {
            return ViewOutcome.BadName;
        }

        return await UnlessTakenAsync(
            async change =>
            {
                if ((await NamesAsync(change, projectId)).Exists(other => other != name && Naming.Order.Equals(other, newName)))
                {
                    return ViewOutcome.Taken;
                }

                if (await Named(change.Db, projectId, name).ExecuteUpdateAsync(set => set.SetProperty(v => v.Name, newName), change.Cancel) == 0)
                {
                    return ViewOutcome.Gone;
                }

                change.Audit("settings.view_renamed", name, projectId, new { to = newName });
                return ViewOutcome.Done;
            },
            actor,
            cancel);
    }

    public Task<ViewOutcome> DeleteAsync(int projectId, string name, Actor actor, CancellationToken cancel) => changes.RunAsync(
        async change =>
        {
            if (await Named(change.Db, projectId, name).ExecuteDeleteAsync(change.Cancel) == 0)
            {
                return ViewOutcome.Gone;
            }

            change.Audit("settings.view_deleted", name, projectId);
            return ViewOutcome.Done;
        },
        actor,
        cancel);

    // Two that differ in capitals alone would stand side by side.
    private static Task<List<string>> NamesAsync(AuditedTransaction change, int projectId) =>
        change.Db.Set<SavedView>().Where(v => v.ProjectId == projectId).Select(v => v.Name).ToListAsync(change.Cancel);

    private static IQueryable<SavedView> Named(LlmEvalDb db, int projectId, string name) =>
        db.Set<SavedView>().Where(v => v.ProjectId == projectId && v.Name == name);

    private async Task<ViewOutcome> UnlessTakenAsync(Func<AuditedTransaction, Task<ViewOutcome>> change, Actor actor, CancellationToken cancel)
    {
        try
        {
            return await changes.RunAsync(change, actor, cancel);
        }
        catch (Exception e) when (e is DbUpdateException or System.Data.Common.DbException && !Outage.Is(e))
        {
            // Somebody else took the name meanwhile.
            return ViewOutcome.Taken;
        }
    }

    private static bool IsName(string name) => name.EnumerateRunes().Count() <= MostCharacters && Naming.IsReadable(name);
}
