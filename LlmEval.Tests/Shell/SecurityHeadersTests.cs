using LlmEval.Tests.Support;
using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Http;

namespace LlmEval.Tests.Shell;

public class SecurityHeadersTests
{
    [Fact]
    public async Task EveryAnswerForbidsForeignAndInlineScripts()
    {
        IHeaderDictionary headers = await HeadersOfAsync();

        string policy = headers.ContentSecurityPolicy.ToString();
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", headers.XContentTypeOptions);
        Assert.Equal("same-origin", headers["Referrer-Policy"]);
        Assert.Equal("DENY", headers.XFrameOptions);
    }

    [Fact]
    public async Task TheApiReferenceRunsItsOwnInlineScriptAndNoOther()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        string[] nonces = [.. await Task.WhenAll(NonceAsync(server), NonceAsync(server))];

        Assert.Equal(2, nonces.Distinct().Count());
    }

    private static async Task<string> NonceAsync(TestServer server)
    {
        using HttpResponseMessage answer = await server.Http.GetAsync("/reference/", TestContext.Current.CancellationToken);
        string policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        string html = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        string scripts = policy.Split(';').Single(part => part.TrimStart().StartsWith("script-src", StringComparison.Ordinal));
        Assert.DoesNotContain("unsafe", scripts, StringComparison.Ordinal);
        string nonce = scripts.Split("'nonce-")[1].TrimEnd('\'');

        // Every script on the page carries it.
        Assert.NotEqual(0, html.Split("<script").Length - 1);
        Assert.All(html.Split("<script")[1..], script => Assert.Contains($"nonce=\"{nonce}\"", System.Net.WebUtility.HtmlDecode(script.Split('>')[0]), StringComparison.Ordinal));
        return nonce;
    }

    private static async Task<IHeaderDictionary> HeadersOfAsync()
    {
        var context = new DefaultHttpContext();
        await new SecurityHeaders(_ => Task.CompletedTask).InvokeAsync(context);
        return context.Response.Headers;
    }
}
