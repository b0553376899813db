using LlmEval.Web.Access;
using LlmEval.Web.Problems;
using LlmEval.Web.Streaming;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Limits;

/// <summary>
/// Holds callers who were let in to their limits. The webhooks count their traces themselves, once they know how many there are;
/// streams and the connections of pages count while they are open; health and files of pages do not count.
/// </summary>
internal sealed class LimitGate(RequestDelegate next, CallerLimits limits, IOptions<LimitOptions> options)
{
    private const int RetrySlotAfter = 5;

    private readonly OpenSlots _streams = new(options.Value.StreamsPerCaller, options.Value.Streams);
    private readonly OpenSlots _pages = new(options.Value.PagesPerPerson, total: 0);

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<Caller>() is not { } caller || context.GetEndpoint()?.Metadata.GetMetadata<SignedBody>() is not null)
        {
            await next(context);
            return;
        }

        if (context.Request.Path.StartsWithSegments("/_blazor"))
        {
            await WhileOpenAsync(context, PersonOf(context, caller), _pages, "open pages", options.Value.PagesPerPerson);
            return;
        }

        if (await limits.TakeRequestAsync(context, caller) is { } problem)
        {
            await problem.WriteAsync(context);
            return;
        }

        await (context.GetEndpoint()?.Metadata.GetMetadata<OpenStream>() is null
            ? next(context)
            : WhileOpenAsync(context, CallerPartition.Of(context, caller), _streams, "open streams", options.Value.StreamsPerCaller));
    }

    /// <summary>Signing in once more makes another session, and no other person.</summary>
    private static string? PersonOf(HttpContext context, Caller caller) =>
        caller.User is { } user ? $"person-{user.Id}" : CallerPartition.Of(context, caller);

    private async Task WhileOpenAsync(HttpContext context, string? partition, OpenSlots slots, string what, int limit)
    {
        if (!slots.TryEnter(partition, out bool isFull))
        {
            Problem problem = isFull
                ? Problem.Unavailable($"There are as many {what} as there may be. Another replica may have room.") with { RetryAfter = RetrySlotAfter, IsOverload = true }
                : CallerLimits.TooMany(what.Replace(' ', '-'), $"One caller may have {limit} {what} at a time. Close one first.", RetrySlotAfter);
            await problem.WriteAsync(context);
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            slots.Leave(partition);
        }
    }
}
