namespace LlmEval.Web.Startup;

/// <summary>
/// Answers HEAD as GET, for watchers that only ask for the head: Kestrel sends no body then, whatever the method is called by here.
/// Not for streams, which nobody would see the end of.
/// </summary>
internal sealed class HeadIsGet(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (HttpMethods.IsHead(context.Request.Method) && !context.Request.Path.Value!.Contains("/stream/", StringComparison.OrdinalIgnoreCase))
        {
            context.Request.Method = HttpMethods.Get;
        }

        return next(context);
    }
}
