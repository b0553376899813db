using System.Collections.Concurrent;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Shell;

/// <summary>Icons as text that all circuits share: a component for each takes a circuit 3 KB.</summary>
public static class Svg
{
    // Icons and classes are constants of ours.
    private static readonly ConcurrentDictionary<(string Icon, string Classes), MarkupString> Known = new();

    /// <param name="icon">What is drawn in 24 by 24, one of the library's <c>Icons</c>.</param>
    /// <param name="also">A class of its own.</param>
    public static MarkupString Of(string icon, string? also = null) => Known.GetOrAdd((icon, $"mud-icon-size-medium {also}"), Draw);

    /// <inheritdoc cref="Of"/>
    public static MarkupString Small(string icon, string? also = null) => Known.GetOrAdd((icon, $"mud-icon-size-small {also}"), Draw);

    private static MarkupString Draw((string Icon, string Classes) of) =>
        new($"""<svg class="mud-icon-root mud-svg-icon {of.Classes.TrimEnd()}" focusable="false" viewBox="0 0 24 24" aria-hidden="true">{of.Icon}</svg>""");
}
