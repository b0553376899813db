namespace LlmEval.Core.Access;

/// <summary>Something that somebody changed about who may do what, or tried to.</summary>
public sealed class AuditEntry
{
    public long Id { get; set; }

    public DateTime At { get; set; }

    /// <summary>Null for what concerns the installation.</summary>
    public int? ProjectId { get; set; }

    public required string Actor { get; set; }

    public int? UserId { get; set; }

    public int? KeyId { get; set; }

    /// <summary>The network address that the request came from.</summary>
    public string? Address { get; set; }

    public string? RequestId { get; set; }

    /// <summary>What was done, as <c>key.created</c>.</summary>
    public required string Action { get; set; }

    /// <summary>To what.</summary>
    public required string Subject { get; set; }

    /// <summary>A JSON object with what changed; never a secret.</summary>
    public string? Detail { get; set; }
}

/// <summary>Who does something, for the audit log.</summary>
/// <param name="Name">A person's name, a key's, or <c>this machine</c>.</param>
public sealed record Actor(string Name, int? UserId = null, int? KeyId = null, string? Address = null, string? RequestId = null)
{
    /// <summary>The product itself.</summary>
    public static readonly Actor System = new("LlmEval");
}
