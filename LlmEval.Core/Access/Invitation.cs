namespace LlmEval.Core.Access;

/// <summary>A link by which a person makes their account, or sets a new password. It works once.</summary>
public sealed class Invitation
{
    public int Id { get; set; }

    /// <summary>SHA-256 of what the link holds.</summary>
    public required byte[] TokenHash { get; set; }

    /// <summary>Whose password it sets; null for one that makes an account.</summary>
    public int? UserId { get; set; }

    /// <summary>Null when whoever follows the link says who they are.</summary>
    public string? Email { get; set; }

    /// <summary>Null for the first owner.</summary>
    public int? ProjectId { get; set; }

    public Role Role { get; set; }

    public bool MakesOwner { get; set; }

    public DateTime CreatedAt { get; set; }

    public required string CreatedBy { get; set; }

    /// <summary>Whose right it is that the link gives on: it ends with that. Null for who had no account.</summary>
    public int? CreatedByUserId { get; set; }

    public DateTime ExpiresAt { get; set; }

    public DateTime? UsedAt { get; set; }
}
