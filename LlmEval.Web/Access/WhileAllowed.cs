namespace LlmEval.Web.Access;

/// <summary>
/// Breaks off what may go on for hours, an import or an export, when its caller loses a right that it began with: their key is
/// revoked, they are disabled, or the server is set up. What was stored by then stays.
/// </summary>
internal sealed class WhileAllowed(RequestDelegate next, RightsWatch rights)
{
    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<LongWork>() is not null && context.Features.Get<Caller>() is { } caller
            ? WatchedAsync(context, caller)
            : next(context);

    private async Task WatchedAsync(HttpContext context, Caller caller)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        bool isDone = false;
        Task watching = BreakOffAsync();
        try
        {
            await next(context);
        }
        finally
        {
            isDone = true;
            await end.CancelAsync();
            await watching;
        }

        async Task BreakOffAsync()
        {
            await rights.WatchAsync(caller, caller.Rights, end);
            if (!Volatile.Read(ref isDone))
            {
                context.Abort();
            }
        }
    }
}

/// <summary>Endpoint metadata: a request that may go on for hours.</summary>
internal sealed record LongWork;
