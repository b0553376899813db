namespace LlmEval.Core.Access;

/// <summary>A person who signs in: with a password, or through a provider of identities.</summary>
public sealed class User
{
    public int Id { get; set; }

    /// <summary>What they sign in with, lower case.</summary>
    public required string Email { get; set; }

    public required string Name { get; set; }

    /// <summary>Null for who has not set one, or comes through a provider.</summary>
    public string? PasswordHash { get; set; }

    /// <summary>With <see cref="Subject"/>, who they are to their provider (OpenID Connect: <c>iss</c> and <c>sub</c>).</summary>
    public string? Issuer { get; set; }

    public string? Subject { get; set; }

    /// <summary>Has all rights in every project, and makes projects and owners.</summary>
    public bool IsOwner { get; set; }

    public bool IsDisabled { get; set; }

    public DateTime CreatedAt { get; set; }
}

/// <summary>That a person belongs to a project.</summary>
public sealed class Membership
{
    public int UserId { get; set; }

    public int ProjectId { get; set; }

    public Role Role { get; set; }
}
