using LlmEval.Core.Storage;
using LlmEval.Web.Reference;
using Microsoft.AspNetCore.Connections;

namespace LlmEval.Web.Problems;

/// <summary>
/// Turns what escaped an endpoint into an answer: a database that is away is a 503 that may be retried, a body that breaks off is
/// nobody's fault, anything else is ours and is logged.
/// </summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, ContentType: null, ContentLength: null, StatusCode: >= StatusCodes.Status400BadRequest })
            {
                await Silent(context).WriteAsync(context);
            }
        }
        catch (Exception e) when (e is ConnectionResetException || context.RequestAborted.IsCancellationRequested)
        {
            // The caller is gone; there is nobody to answer.
            context.Abort();
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await new Problem(e.StatusCode, "The request is malformed", e.Message) { Errors = [e.Message] }.WriteAsync(context);
        }
        catch (IOException e) when (!context.Response.HasStarted && e.InnerException is OverflowException)
        {
            // Kestrel's word for the size of a chunk that no number holds; the files of a database have no such fault.
            await Problem.BadRequest("The body is not in chunks as it says.").WriteAsync(context);
        }
        catch (OutcomeUnknownException) when (!context.Response.HasStarted)
        {
            await Problem.OutcomeUnknown().WriteAsync(context);
        }
        catch (Exception e) when (!context.Response.HasStarted && Outage.Is(e))
        {
            await Problem.DatabaseAway().WriteAsync(context);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            Log.Failed(logger, context.Request.Method, context.Request.Path, e);
            await new Problem(StatusCodes.Status500InternalServerError, "Internal error", "The server made a mistake. It is in its log.")
                .WriteAsync(context);
        }
    }

    /// <summary>What routing refuses, it refuses without a word.</summary>
    private static Problem Silent(HttpContext context)
    {
        (string title, string detail) = context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => ("Not found", $"There is nothing at {context.Request.Path}. The addresses are listed at {ReferenceSetup.PagePath}."),
            StatusCodes.Status405MethodNotAllowed => ("Method not allowed", $"{context.Request.Path} takes {context.Response.Headers.Allow}, not {context.Request.Method}."),
            StatusCodes.Status415UnsupportedMediaType => ("Unsupported format", $"{context.Request.Path} does not take {context.Request.ContentType}. What it takes is said at {ReferenceSetup.PagePath}."),
            _ => ("The request is malformed", $"A value in the address or its query is not of the form that {context.Request.Path} takes."),
        };
        return new Problem(context.Response.StatusCode, title, detail) { Errors = [detail] };
    }

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Error, "{Method} {Path} failed.")]
        public static partial void Failed(ILogger logger, string method, string path, Exception e);
    }
}
