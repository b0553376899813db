using LlmEval.Core.Access;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Review;

/// <param name="Saved">False when a rule is broken, or somebody else changed it meanwhile.</param>
/// <param name="Faults">Every rule that is broken; empty when it was changed meanwhile.</param>
public sealed record VocabularyAnswer(bool Saved, IReadOnlyList<string> Faults);

/// <summary>Keeps each project's reasons and tags.</summary>
public sealed class ReviewVocabularies(IDbContextFactory<LlmEvalDb> databases, AuditedChanges changes)
{
    public const int MostEntries = 50;

    public async Task<ReviewVocabulary> GetAsync(int projectId, CancellationToken cancel)
    {
        await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);
        return await db.Set<ReviewVocabulary>().SingleOrDefaultAsync(v => v.ProjectId == projectId, cancel) ?? ReviewVocabulary.Default(projectId);
    }

    /// <param name="vocabulary">With the version that was changed; entries are trimmed, empty ones are left out.</param>
    public async Task<VocabularyAnswer> SaveAsync(ReviewVocabulary vocabulary, Actor actor, CancellationToken cancel)
    {
        string[] reasons = Tidy(vocabulary.Reasons);
        string[] tags = Tidy(vocabulary.Tags);
        string[] faults = [.. FindFaults("reasons", reasons), .. FindFaults("tags", tags)];
        if (faults.Length > 0)
        {
            return new VocabularyAnswer(false, faults);
        }

        var next = new ReviewVocabulary { ProjectId = vocabulary.ProjectId, Reasons = reasons, Tags = tags, Version = vocabulary.Version + 1 };
        try
        {
            return new VocabularyAnswer(await changes.RunAsync(change => StoreAsync(change, next), actor, cancel), []);
        }
        catch (DbUpdateException e) when (next.Version == 1 && !Outage.Is(e))
        {
            // Somebody else was first.
            return new VocabularyAnswer(false, []);
        }
    }

    private static async Task<bool> StoreAsync(AuditedTransaction change, ReviewVocabulary next)
    {
        if (next.Version == 1)
        {
            change.Db.Add(next);
        }
        else if (!await UpdateAsync(change.Db, next, change.Cancel))
        {
            return false;
        }

        change.Audit("settings.reasons_changed", "reasons and tags", next.ProjectId, new { reasons = next.Reasons, tags = next.Tags });
        return true;
    }

    private static async Task<bool> UpdateAsync(LlmEvalDb db, ReviewVocabulary next, CancellationToken cancel) =>
        await db.Set<ReviewVocabulary>()
            .Where(v => v.ProjectId == next.ProjectId && v.Version == next.Version - 1)
            .ExecuteUpdateAsync(
                v => v.SetProperty(x => x.Reasons, next.Reasons).SetProperty(x => x.Tags, next.Tags).SetProperty(x => x.Version, next.Version), cancel) > 0;

    private static string[] Tidy(string[] entries) =>
        [.. entries.Select(e => VerdictRules.Mend(e)!.Trim()).Where(e => e.Length > 0).Distinct(StringComparer.Ordinal)];

    private static IEnumerable<string> FindFaults(string field, string[] entries)
    {
        if (entries.Length > MostEntries)
        {
            yield return $"{field}: must be at most {MostEntries}";
        }

        foreach (string entry in entries.Where(e => e.EnumerateRunes().Count() > TraceLimits.NameCharacters))
        {
            yield return $"{field}: \"{entry[..20]}…\" must be at most {TraceLimits.NameCharacters} characters";
        }
    }
}
