using Microsoft.AspNetCore.Connections;

namespace LlmEval.Web.Ingestion;

/// <summary>A caller that goes away in the middle is its own business: nothing to answer, nothing to log.</summary>
internal static class QuietAbort
{
    public static RequestDelegate Around(RequestDelegate handler) => async context =>
    {
        try
        {
            await handler(context);
        }
        catch (ConnectionResetException)
        {
            context.Abort();
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
    };
}
