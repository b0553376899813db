using System.Text.RegularExpressions;
using LlmEval.Tests.Architecture;
using LlmEval.Tests.Support;
using LlmEval.Web.Markdown;

namespace LlmEval.Tests.Markdown;

public partial class SafeMarkdownTests
{
    [Fact]
    public void AnswersAreFormatted()
    {
        string? html = SafeMarkdown.ToHtml("## Title\n\nOne **bold** and `code`\nnext line\n\n- a\n- b\n\n| n | v |\n|---|--:|\n| x | 1 |\n\n```csharp\nvar x = 1 < 2;\n```");

        foreach (string part in (string[])["<h2>Title</h2>", "<strong>bold</strong>", "<code>code</code><br>", "<li>a</li>", "text-align: right", "<pre tabindex=\"0\"><code>var x = 1 &lt; 2;"])
        {
            Assert.Contains(part, html, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("<svg onload=alert(1)>")]
    [InlineData("<a href=\"javascript:alert(1)\">click</a>")]
    [InlineData("<style>@import 'http://evil.example'</style>")]
    [InlineData("<div style=\"background:url(http://evil.example)\">x</div>")]
    public void HtmlIsText(string html) => Assert.DoesNotMatch("<(script|img|svg|style|div|a href=.javascript)", SafeMarkdown.ToHtml(html)!);

    [Theory]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("[x](JaVaScRiPt:alert(1))")]
    [InlineData("[x](java&#10;script:alert(1))")]
    [InlineData("[x](&#106;avascript:alert(1))")]
    [InlineData("[x](data:text/html,<script>alert(1)</script>)")]
    [InlineData("[x](vbscript:x)")]
    [InlineData("<javascript:alert(1)>")]
    [InlineData("[x](/api/traces)")]
    [InlineData("[x](//evil.example)")]
    [InlineData("[x][r]\n\n[r]: javascript:alert(1)")]
    public void ALinkThatDoesNotLeadOutOpenlyLeadsNowhere(string markdown) => Assert.DoesNotContain("href", SafeMarkdown.ToHtml(markdown), StringComparison.OrdinalIgnoreCase);

    [Theory]
    [InlineData("text {onclick=alert(1)}")]
    [InlineData("# title {#id .class onmouseover=alert(1)}")]
    [InlineData("[x](http://a.example){onclick=alert(1)}")]
    public void NobodyWritesAttributes(string markdown) => Assert.DoesNotMatch("<[^>]*on(click|mouseover)", SafeMarkdown.ToHtml(markdown)!);

    [Fact]
    public void ALinkShowsWhereItLeadsAndTellsNothing()
    {
        string? html = SafeMarkdown.ToHtml("[my bank](https://evil.example/x \"trust me\")");

        Assert.Contains("href=\"https://evil.example/x\"", html, StringComparison.Ordinal);
        Assert.Contains("title=\"https://evil.example/x\"", html, StringComparison.Ordinal);
        Assert.Contains("rel=\"noopener noreferrer nofollow ugc\"", html, StringComparison.Ordinal);
        Assert.Contains("target=\"_blank\"", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("![a cat](http://evil.example/cat.png)", ">a cat</a>")]
    [InlineData("![](http://evil.example/cat.png)", ">http://evil.example/cat.png</a>")]
    [InlineData("![a cat][r]\n\n[r]: http://evil.example/cat.png", ">a cat</a>")]
    public void APictureIsALinkBecauseFetchingItWouldTellWhoReads(string markdown, string shown)
    {
        string? html = SafeMarkdown.ToHtml(markdown);

        Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(shown, html, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatCannotBeFormattedInTimeIsLeftAsItIs()
    {
        Assert.Null(SafeMarkdown.ToHtml(new string('a', SafeMarkdown.MostCharacters + 1)));
        Assert.Null(SafeMarkdown.ToHtml(string.Concat(Enumerable.Repeat("> ", 5_000)) + "x"));
    }

    [Fact]
    public void OnlyThisComponentMakesMarkupOfText()
    {
        string[] makers = [.. CodeMap.Web.Types.Where(t => t.Types.Any(used => used.FullName == "Microsoft.AspNetCore.Components.MarkupString")).Select(t => t.Name)];

        Assert.Equal(["MarkdownText", "SharedRows", "Svg"], makers.Order());
    }

    [Fact]
    public void IconsAreConstantsOfTheLibrary()
    {
        string[] files = [.. Directory.EnumerateFiles(Repository.PathTo("LlmEval.Web"), "*.*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".razor" or ".cs" && !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))];
        string[] drawn = [.. files.SelectMany(file => DrawnIcon().Matches(File.ReadAllText(file)).Select(found => found.Groups["icon"].Value))];

        Assert.NotEmpty(drawn);
        Assert.All(drawn, icon => Assert.Matches("^(Icons[.]|[^?,(]+ [?] Icons[.][A-Za-z.]+ : Icons[.]|[Ii]con[,)]|\"@Icons[.])", icon));
    }

    // Where one is drawn, and where a component or a link is given one to draw.
    [GeneratedRegex("""(Svg[.](Of|Small)[(]|\bIcon=|@Place[(]"[^"]*", "[^"]*", )(?<icon>.+)""")]
    private static partial Regex DrawnIcon();
}
