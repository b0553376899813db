using LlmEval.Web.Problems;

namespace LlmEval.Web.Startup;

/// <summary>
/// Refuses a request that says its length twice, in Content-Length and by chunks: a proxy before this server may have gone by the
/// other one, and what is the end of one request there is the beginning of the next here (RFC 9112, 6.1).
/// </summary>
internal sealed class ClearLength(RequestDelegate next)
{
    /// <summary>Kestrel goes by the chunks, ends the connection after the answer, and puts the other length here.</summary>
    private const string PassedOver = "X-Content-Length";

    public Task InvokeAsync(HttpContext context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        if (headers.TransferEncoding.Count > 0 && (headers.ContentLength is not null || headers.ContainsKey(PassedOver)))
        {
            context.Response.Headers.Connection = "close";
            return Problem.BadRequest("The request has both Content-Length and Transfer-Encoding. Send one of them.").WriteAsync(context);
        }

        return next(context);
    }
}
