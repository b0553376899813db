using LlmEval.Web.Shell;
using Microsoft.AspNetCore.Http;

namespace LlmEval.Tests.Shell;

public class SecurityHeadersTests
{
    [Fact]
    public async Task EveryAnswerForbidsForeignAndInlineScripts()
    {
        IHeaderDictionary headers = await HeadersOfAsync(null);

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
    public async Task AnEndpointMayHaveAPolicyOfItsOwn()
    {
        IHeaderDictionary headers = await HeadersOfAsync(new Endpoint(null, new EndpointMetadataCollection(new ContentPolicy("own")), "test"));

        Assert.Equal("own", headers.ContentSecurityPolicy);
    }

    private static async Task<IHeaderDictionary> HeadersOfAsync(Endpoint? endpoint)
    {
        var context = new DefaultHttpContext();
        context.SetEndpoint(endpoint);
        await new SecurityHeaders(_ => Task.CompletedTask).InvokeAsync(context);
        return context.Response.Headers;
    }
}
