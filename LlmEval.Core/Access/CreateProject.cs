using LlmEval.Core.Primitives;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Access;

/// <summary>Makes a project, and notes in the audit log who did.</summary>
public sealed class CreateProject(AccessChanges changes)
{
    /// <returns>The project, or every rule that it would break.</returns>
    public Task<(Project? Project, IReadOnlyList<string> Faults)> RunAsync(string slug, string name, Actor actor, CancellationToken cancel) =>
        changes.RunAsync<(Project?, IReadOnlyList<string>)>(
            async change =>
            {
                string tidy = name.Trim();
                List<string> faults = [];
                if (!Projects.IsSlug(slug))
                {
                    faults.Add($"slug: must have 1 to {Projects.MostSlugCharacters} lower-case letters, digits, and hyphens between them");
                }
                else if (await change.Db.Set<Project>().AnyAsync(p => p.Slug == slug, change.Cancel))
                {
                    faults.Add($"slug: a project has the name \"{slug}\" already");
                }

                if (tidy.Length > Projects.MostNameCharacters || !Naming.IsReadable(tidy))
                {
                    faults.Add($"name: must have 1 to {Projects.MostNameCharacters} characters, {Naming.Rule}");
                }

                if (faults.Count > 0)
                {
                    return (null, faults);
                }

                int id = await change.Db.Set<Project>().MaxAsync(p => p.Id, change.Cancel) + 1;
                var project = new Project { Id = id, Slug = slug, Name = tidy, CreatedAt = change.Now };
                change.Db.Add(project);
                change.Audit("project.created", slug, id, new { name = tidy });
                return (project, []);
            },
            actor,
            cancel);
}
