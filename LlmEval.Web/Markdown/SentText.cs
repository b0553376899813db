namespace LlmEval.Web.Markdown;

/// <summary>
/// A text of any length as the parameter of a component. As a plain string it would travel to the browser in full, and once for
/// each component that hands it on: render batches carry parameters that are strings, shown or not.
/// </summary>
public readonly record struct SentText(string Value)
{
    public static implicit operator SentText(string value) => new(value);
}
