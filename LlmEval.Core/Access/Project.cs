namespace LlmEval.Core.Access;

/// <summary>What every row belongs to: its traces, keys, figures, queues and settings are its own.</summary>
public sealed class Project
{
    public int Id { get; set; }

    /// <summary>Its name in addresses: <see cref="Projects.IsSlug"/>.</summary>
    public required string Slug { get; set; }

    public required string Name { get; set; }

    public DateTime CreatedAt { get; set; }
}
