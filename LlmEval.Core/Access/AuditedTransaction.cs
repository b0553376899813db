using LlmEval.Core.Storage;

namespace LlmEval.Core.Access;

/// <summary>What a change works with.</summary>
internal sealed record AuditedTransaction(LlmEvalDb Db, Actor Actor, DateTime Now, CancellationToken Cancel)
{
    /// <param name="detail">Serialised as the JSON of what changed; never a secret.</param>
    public void Audit(string action, string subject, int? projectId, object? detail = null) =>
        Db.Add(AuditLog.Entry(Actor, Now, action, subject, projectId, detail));
}
