namespace LlmEval.Core.Access;

/// <summary>A key by which the web server protects what it hands out and gets back, for every replica to know.</summary>
public sealed class ProtectionKey
{
    public int Id { get; set; }
    public required string Name { get; set; }

    /// <summary>As the framework writes it.</summary>
    public required string Xml { get; set; }
}
