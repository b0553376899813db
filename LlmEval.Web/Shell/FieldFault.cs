namespace LlmEval.Web.Shell;

/// <summary>What is wrong with a field, as the core says it to programs, in the words of a form.</summary>
internal static class FieldFault
{
    /// <param name="fault">Begins with the field's name in the API, as <c>slug: must …</c>.</param>
    /// <param name="labels">What the form calls its fields.</param>
    public static string Of(string fault, IReadOnlyDictionary<string, string> labels)
    {
        int end = fault.IndexOf(": ", StringComparison.Ordinal);
        return end > 0 && labels.TryGetValue(fault[..end], out string? label) ? label + fault[end..] : fault;
    }

    /// <summary>Several in a line.</summary>
    /// <inheritdoc cref="Of"/>
    public static string Join(IEnumerable<string> faults, IReadOnlyDictionary<string, string> labels) =>
        string.Join(". ", faults.Select(fault => Of(fault, labels)));
}
