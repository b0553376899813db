using System.Collections.Concurrent;
using Microsoft.AspNetCore.Components;

namespace LlmEval.Web.Shell;

/// <summary>Icons as markup that all circuits share: a component for each takes a circuit 3 KB.</summary>
public static class Svg
{
    private static readonly ConcurrentDictionary<(string Icon, string Classes), RenderFragment> Known = new();

    /// <param name="icon">What is drawn in 24 by 24: a constant of the library's <c>Icons</c> and nothing else, as it becomes part of the page as it is.</param>
    /// <param name="also">A class of its own.</param>
    public static RenderFragment Of(string icon, string? also = null) => Known.GetOrAdd((icon, $"mud-icon-size-medium {also}"), Draw);

    /// <inheritdoc cref="Of"/>
    public static RenderFragment Small(string icon, string? also = null) => Known.GetOrAdd((icon, $"mud-icon-size-small {also}"), Draw);

    private static RenderFragment Draw((string Icon, string Classes) of)
    {
        var markup = new MarkupString(
            $"""<svg class="mud-icon-root mud-svg-icon {of.Classes.TrimEnd()}" focusable="false" viewBox="0 0 24 24" aria-hidden="true">{of.Icon}</svg>""");
        return builder => builder.AddContent(0, markup);
    }
}
