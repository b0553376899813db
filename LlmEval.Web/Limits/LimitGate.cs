using LlmEval.Core.Limits;
using LlmEval.Web.Access;
using LlmEval.Web.Problems;
using LlmEval.Web.Streaming;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Limits;

/// <summary>
/// Holds callers to their limits: who was let in, and who opens a page for which nobody has to be. The webhooks count their traces
/// themselves, once they know how many there are; streams and the connections of pages count while they are open; health and files of pages do not count.
/// </summary>
internal sealed class LimitGate(RequestDelegate next, CallerLimits limits, OpenSlotsFactory slots, IOptions<LimitOptions> options)
{
    private const int RetrySlotAfter = 5;

    private readonly OpenSlots _streams = slots.Make("streams", options.Value.StreamsPerCaller, options.Value.Streams);
    private readonly OpenSlots _pages = slots.Make("pages", options.Value.PagesPerPerson, total: 0);

    public Task InvokeAsync(HttpContext context)
    {
        EndpointMetadataCollection? metadata = context.GetEndpoint()?.Metadata;
        Caller? caller = context.Features.Get<Caller>();
        return metadata?.GetMetadata<SignedBody>() is not null || (caller is null && !IsCountedForEverybody(metadata))
            ? next(context)
            : CountedAsync(context, caller);
    }

    private async Task CountedAsync(HttpContext context, Caller? caller)
    {
        if (caller is not null && context.Request.Path.StartsWithSegments("/_blazor"))
        {
            await WhileOpenAsync(context, CallerPartition.Of(context, caller), _pages, "open pages", options.Value.PagesPerPerson);
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

    /// <summary>What everybody may ask for counts by their address: pages, and what carries the mark.</summary>
    private static bool IsCountedForEverybody(EndpointMetadataCollection? metadata) =>
        metadata?.GetMetadata<ComponentTypeMetadata>() is not null || metadata?.GetMetadata<CountedByAddress>() is not null;

    private async Task WhileOpenAsync(HttpContext context, string? partition, OpenSlots open, string what, int limit)
    {
        if (await open.EnterAsync(partition) is not SlotRefusal.None and var refusal)
        {
            Problem problem = refusal == SlotRefusal.Full
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
            open.Leave(partition);
        }
    }
}

/// <summary>Endpoint metadata: open to everybody, and counted by their address.</summary>
internal sealed record CountedByAddress;
