using LlmEval.Core.Limits;
using LlmEval.Web.Access;
using LlmEval.Web.Problems;
using LlmEval.Web.Streaming;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.Limits;

/// <summary>
/// Holds callers to their limits: who was let in, and who opens a page for which nobody has to be. The webhooks count their traces
/// themselves, once they know how many there are; streams, imports and the connections of pages count as a request, and while they are
/// open; health and files of pages do not count.
/// </summary>
internal sealed class LimitGate(RequestDelegate next, CallerLimits limits, OpenSlotsFactory slots, IOptions<LimitOptions> options)
{
    private const string WebSocket = "websocket";
    private const int RetrySlotAfter = 5;

    private readonly OpenSlots _streams = slots.Make("streams", options.Value.StreamsPerCaller, options.Value.Streams);
    private readonly OpenSlots _imports = slots.Make("imports", options.Value.ImportsPerCaller, options.Value.Imports);
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
        if (await limits.TakeRequestAsync(context, caller) is { } problem)
        {
            await problem.WriteAsync(context);
            return;
        }

        // The way to a circuit; the same with a slash at its end. What else lies below it are requests like others.
        if (caller is not null && context.Request.Path.StartsWithSegments("/_blazor", out PathString below))
        {
            if (IsWebSocket(context))
            {
                await WhileOpenAsync(context, CallerPartition.Of(context, caller), _pages, "open pages", options.Value.PagesPerPerson);
                return;
            }

            if (below.Value is "" or "/")
            {
                await Problem.BadRequest("Pages are kept current over a WebSocket, and in no other way: what stands in between has to let it pass.").WriteAsync(context);
                return;
            }
        }

        EndpointMetadataCollection? metadata = context.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<OpenStream>() is not null)
        {
            await WhileOpenAsync(context, CallerPartition.Of(context, caller), _streams, "open streams", options.Value.StreamsPerCaller);
        }
        else if (metadata?.GetMetadata<OpenImport>() is not null)
        {
            await WhileOpenAsync(context, CallerPartition.Of(context, caller), _imports, "running imports", options.Value.ImportsPerCaller);
        }
        else
        {
            await next(context);
        }
    }

    /// <summary>The framework would also take requests one after the other, which are open for a moment only and so cannot be counted.</summary>
    private static bool IsWebSocket(HttpContext context) =>
        (context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true
            && string.Equals(context.Request.Headers.Upgrade, WebSocket, StringComparison.OrdinalIgnoreCase))
        || (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect
            && string.Equals(connect.Protocol, WebSocket, StringComparison.OrdinalIgnoreCase));

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

/// <summary>Endpoint metadata: an import, which counts while it is under way.</summary>
internal sealed record OpenImport;

/// <summary>Endpoint metadata: open to everybody, and counted by their address.</summary>
internal sealed record CountedByAddress;
