namespace LlmEval.Core.Access;

/// <summary>A browser that is signed in.</summary>
public sealed class Session
{
    public int Id { get; set; }

    /// <summary>SHA-256 of what the browser's cookie holds.</summary>
    public required byte[] TokenHash { get; set; }

    public int UserId { get; set; }

    public DateTime CreatedAt { get; set; }

    /// <summary>To about a minute.</summary>
    public DateTime SeenAt { get; set; }

    /// <summary>When it ends however much it is used.</summary>
    public DateTime ExpiresAt { get; set; }

    /// <summary>What the browser says it is.</summary>
    public required string Device { get; set; }

    public string? Address { get; set; }
}
