using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LlmEval.Core.Storage;

/// <summary>Marks text columns that hold JSON exactly as it was sent.</summary>
/// <remarks>
/// On PostgreSQL these are <c>json</c>, not <c>jsonb</c>: that one parses numbers into a type with limits, so that a
/// <c>1e999999</c> in somebody's metadata would fail the whole commit.
/// </remarks>
public static class JsonText
{
    private const string Annotation = "LlmEval:JsonText";

    public static PropertyBuilder<string?> IsJsonText(this PropertyBuilder<string?> property)
    {
        property.Metadata.SetAnnotation(Annotation, true);
        return property;
    }

    /// <summary>Takes the mark off and tells whether it was there.</summary>
    internal static bool TakeMark(IMutableProperty property) => property.RemoveAnnotation(Annotation) is not null;
}
