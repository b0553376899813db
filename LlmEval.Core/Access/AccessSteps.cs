using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Access;

/// <summary>What several changes of access have in common.</summary>
internal static class AccessSteps
{
    /// <summary>The transaction holds the row, so nobody makes a first owner meanwhile.</summary>
    public static Task<bool> IsSetUpAsync(this AuditedTransaction change) => change.Db.Set<AccessHead>().AnyAsync(h => h.IsSetUp, change.Cancel);

    /// <param name="role">Null takes them out of the project.</param>
    /// <returns>Null, as everything that went well.</returns>
    public static async Task<string?> SetRoleAsync(this AuditedTransaction change, int projectId, User user, Role? role)
    {
        Membership? had = await change.Db.Set<Membership>().AsTracking()
            .SingleOrDefaultAsync(m => m.UserId == user.Id && m.ProjectId == projectId, change.Cancel);
        string from = had?.Role.ToString() ?? "none";
        switch (had, role)
        {
            case (null, { } given):
                change.Db.Add(new Membership { UserId = user.Id, ProjectId = projectId, Role = given });
                break;
            case ({ } member, { } given):
                member.Role = given;
                break;
            case ({ } member, null):
                change.Db.Remove(member);
                break;
        }

        change.Audit("person.role_changed", user.Email, projectId, new { from, to = role?.ToString() ?? "none" });
        return null;
    }
}
