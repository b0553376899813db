namespace LlmEval.Core.Access;

/// <summary>A program's way in. Its secret is not stored, only what it can be checked against.</summary>
public sealed class ApiKey
{
    public int Id { get; set; }

    public int ProjectId { get; set; }

    /// <summary>The part of the token that may be shown: see <see cref="ApiKeyToken"/>.</summary>
    public required string PublicId { get; set; }

    public required string Name { get; set; }

    /// <summary>SHA-256 of the token. A slow hash protects guessable secrets; these are 256 random bits (ASVS 6.5.2).</summary>
    public required byte[] Hash { get; set; }

    /// <summary>As given: <see cref="Access.RightsOf.Scopes"/> says what they come to.</summary>
    public Rights Scopes { get; set; }

    public DateTime CreatedAt { get; set; }

    public required string CreatedBy { get; set; }

    public DateTime? ExpiresAt { get; set; }

    public DateTime? RevokedAt { get; set; }

    /// <summary>To about a minute.</summary>
    public DateTime? LastUsedAt { get; set; }

    public bool IsGood(DateTime now) => RevokedAt is null && !(ExpiresAt <= now);
}
