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
        await change.EndLinksBeyondRightsAsync(user);
        return null;
    }

    /// <summary>Ends the links that somebody made and may not make any longer.</summary>
    /// <param name="maker">As they are after the change.</param>
    public static async Task EndLinksBeyondRightsAsync(this AuditedTransaction change, User maker)
    {
        if (maker is { IsOwner: true, IsDisabled: false })
        {
            return;
        }

        await change.Db.SaveChangesAsync(change.Cancel);
        IQueryable<Invitation> made = change.Db.Set<Invitation>().Where(i => i.CreatedByUserId == maker.Id && i.UsedAt == null);
        if (!maker.IsDisabled)
        {
            List<int> administered = await change.Db.Set<Membership>().Where(m => m.UserId == maker.Id && m.Role == Role.Admin)
                .Select(m => m.ProjectId).ToListAsync(change.Cancel);
            made = made.Where(i => i.ProjectId == null || !administered.Contains(i.ProjectId.Value));
        }

        int ended = await made.ExecuteDeleteAsync(change.Cancel);
        if (ended > 0)
        {
            change.Audit("person.links_ended", maker.Email, null, new { ended });
        }
    }

    /// <summary>Ends the links that set a person's password.</summary>
    public static Task EndResetLinksAsync(this AuditedTransaction change, int userId) =>
        change.Db.Set<Invitation>().Where(i => i.UserId == userId && i.UsedAt == null).ExecuteDeleteAsync(change.Cancel);
}
