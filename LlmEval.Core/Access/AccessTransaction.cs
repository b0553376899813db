using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Access;

/// <summary>What a change works with.</summary>
internal sealed record AccessTransaction(LlmEvalDb Db, Actor Actor, DateTime Now, CancellationToken Cancel)
{
    /// <param name="detail">Serialised as the JSON of what changed; never a secret.</param>
    public void Audit(string action, string subject, int? projectId, object? detail = null) =>
        Db.Add(AuditLog.Entry(Actor, Now, action, subject, projectId, detail));

    /// <summary>The transaction holds the row, so nobody makes a first owner meanwhile.</summary>
    public Task<bool> IsSetUpAsync() => Db.Set<AccessHead>().AnyAsync(h => h.IsSetUp, Cancel);

    /// <param name="role">Null takes them out of the project.</param>
    /// <returns>Null, as everything that went well.</returns>
    public async Task<string?> SetRoleAsync(int projectId, User user, Role? role)
    {
        Membership? had = await Db.Set<Membership>().AsTracking().SingleOrDefaultAsync(m => m.UserId == user.Id && m.ProjectId == projectId, Cancel);
        string from = had?.Role.ToString() ?? "none";
        switch (had, role)
        {
            case (null, { } given):
                Db.Add(new Membership { UserId = user.Id, ProjectId = projectId, Role = given });
                break;
            case ({ } member, { } given):
                member.Role = given;
                break;
            case ({ } member, null):
                Db.Remove(member);
                break;
        }

        Audit("person.role_changed", user.Email, projectId, new { from, to = role?.ToString() ?? "none" });
        return null;
    }
}
