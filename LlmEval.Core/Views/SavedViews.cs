using System.Text;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Views;

/// <summary>Keeps each project's views. Everybody in the project has the same ones.</summary>
public sealed class SavedViews(IDbContextFactory<LlmEvalDb> databases, IWriteTurn turn)
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
        return [.. views.OrderBy(v => v.Name, StringComparer.InvariantCultureIgnoreCase).ThenBy(v => v.Name, StringComparer.Ordinal)];
    }

    /// <param name="overwrite">What the view of this name showed before is given up.</param>
    public async Task<ViewOutcome> SaveAsync(int projectId, string name, string query, bool overwrite, CancellationToken cancel)
    {
        name = name.Trim();
        if (!IsName(name) || query.Length > LongestQuery)
        {
            return IsName(name) ? ViewOutcome.TooLong : ViewOutcome.BadName;
        }

        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        using IDisposable? writing = await turn.TakeAsync(cancel);
        IQueryable<SavedView> same = Named(db, projectId, name);
        if (overwrite && await same.ExecuteUpdateAsync(set => set.SetProperty(v => v.Query, query), cancel) > 0)
        {
            return ViewOutcome.Done;
        }

        if (await same.AnyAsync(cancel))
        {
            return ViewOutcome.Taken;
        }

        if (await db.Set<SavedView>().CountAsync(v => v.ProjectId == projectId, cancel) >= MostViews)
        {
            return ViewOutcome.TooMany;
        }

        db.Add(new SavedView { ProjectId = projectId, Name = name, Query = query });
        return await UnlessTakenAsync(() => db.SaveChangesAsync(cancel)) > 0 ? ViewOutcome.Done : ViewOutcome.Taken;
    }

    public async Task<ViewOutcome> RenameAsync(int projectId, string name, string newName, CancellationToken cancel)
    {
        newName = newName.Trim();
        if (!IsName(newName))
        {
            return ViewOutcome.BadName;
        }

        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        using IDisposable? writing = await turn.TakeAsync(cancel);
        int? renamed = await UnlessTakenAsync(() =>
            Named(db, projectId, name).ExecuteUpdateAsync(set => set.SetProperty(v => v.Name, newName), cancel));
        return renamed switch { null => ViewOutcome.Taken, 0 => ViewOutcome.Gone, _ => ViewOutcome.Done };
    }

    public async Task<ViewOutcome> DeleteAsync(int projectId, string name, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        using IDisposable? writing = await turn.TakeAsync(cancel);
        return await Named(db, projectId, name).ExecuteDeleteAsync(cancel) > 0 ? ViewOutcome.Done : ViewOutcome.Gone;
    }

    private static IQueryable<SavedView> Named(LlmEvalDb db, int projectId, string name) =>
        db.Set<SavedView>().Where(v => v.ProjectId == projectId && v.Name == name);

    /// <returns>How many rows changed; null when somebody else took the name meanwhile.</returns>
    private static async Task<int?> UnlessTakenAsync(Func<Task<int>> write)
    {
        try
        {
            return await write();
        }
        catch (Exception e) when (e is DbUpdateException or System.Data.Common.DbException && !Outage.Is(e))
        {
            return null;
        }
    }

    /// <summary>Half a character is read as one that cannot be shown.</summary>
    private static bool IsName(string name) =>
        name.Length > 0 && name.EnumerateRunes().Count() <= MostCharacters && !name.EnumerateRunes().Any(r => Rune.IsControl(r) || r == Rune.ReplacementChar);
}
