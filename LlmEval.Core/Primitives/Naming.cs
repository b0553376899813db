namespace LlmEval.Core.Primitives;

/// <summary>Names that people gave to things.</summary>
public static class Naming
{
    /// <summary>For lists: by this and not by the database, as each has an alphabet of its own.</summary>
    public static StringComparer Order => StringComparer.InvariantCultureIgnoreCase;
}
