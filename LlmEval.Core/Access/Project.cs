namespace LlmEval.Core.Access;

/// <summary>What every row belongs to. There is one project until projects can be made.</summary>
public sealed class Project
{
    public int Id { get; set; }

    /// <summary>Its name in addresses.</summary>
    public required string Slug { get; set; }

    public required string Name { get; set; }
}
