using AngleSharp.Dom;
using Ganss.Xss;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace LlmEval.Web.Markdown;

/// <summary>
/// Turns Markdown that somebody else wrote into HTML that can do nothing: no script, no style, no picture (fetching one would tell
/// its server who reads this), and links that lead out openly.
/// </summary>
public static class SafeMarkdown
{
    /// <summary>Longer texts are shown as they are: formatting them would take too long.</summary>
    public const int MostCharacters = 20_000;

    // Extensions add ways to write attributes; only what is needed to read an answer is on.
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .DisableHtml()
        .UsePipeTables()
        .UseAutoLinks()
        .UseEmphasisExtras(Markdig.Extensions.EmphasisExtras.EmphasisExtraOptions.Strikethrough)
        .UseSoftlineBreakAsHardlineBreak()
        .Build();

    private static readonly HtmlSanitizer Sanitizer = MakeSanitizer();

    /// <returns>Null when the text is too long or too deeply nested to be formatted.</returns>
    public static string? ToHtml(string text)
    {
        if (text.Length > MostCharacters)
        {
            return null;
        }

        try
        {
            MarkdownDocument document = Markdig.Markdown.Parse(text, Pipeline);
            foreach (LinkInline image in document.Descendants<LinkInline>().Where(link => link.IsImage).ToList())
            {
                ShowAsLink(image);
            }

            return Sanitizer.Sanitize(document.ToHtml(Pipeline));
        }
        catch (ArgumentException)
        {
            // How Markdig says that a text is nested too deeply.
            return null;
        }
    }

    private static void ShowAsLink(LinkInline image)
    {
        image.IsImage = false;
        if (image.FirstChild is null)
        {
            image.AppendChild(new LiteralInline(image.Url ?? ""));
        }
    }

    private static HtmlSanitizer MakeSanitizer()
    {
        var sanitizer = new HtmlSanitizer(new HtmlSanitizerOptions
        {
            AllowedTags = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
            {
                "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li",
                "table", "thead", "tbody", "tr", "th", "td", "a",
            },
            AllowedAttributes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "href", "title", "rel", "target", "start", "style", "tabindex" },
            AllowedCssProperties = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "text-align" },
            AllowedSchemes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "http", "https", "mailto" },
            UriAttributes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "href" },
        });
        sanitizer.PostProcessNode += static (_, e) =>
        {
            switch (e.Node)
            {
                case IElement { LocalName: "a" } link:
                    LeadOut(link);
                    break;
                case IElement { LocalName: "pre" or "table" } wide:
                    // It scrolls sideways: a keyboard must reach it.
                    wide.SetAttribute("tabindex", "0");
                    break;
            }
        };
        return sanitizer;
    }

    /// <summary>A link says where it leads, tells nobody where it came from, and never leads to this server.</summary>
    private static void LeadOut(IElement link)
    {
        string? address = link.GetAttribute("href");
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https" or "mailto"))
        {
            link.RemoveAttribute("href");
            return;
        }

        link.SetAttribute("title", address);
        link.SetAttribute("rel", "noopener noreferrer nofollow ugc");
        link.SetAttribute("target", "_blank");
    }
}
