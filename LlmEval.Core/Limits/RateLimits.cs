namespace LlmEval.Core.Limits;

/// <summary>Says who may do how much: over all replicas when there is Redis, else each replica for itself.</summary>
public sealed class RateLimits
{
    private readonly LocalRates _local;
    private readonly SharedRates? _shared;

    internal RateLimits(LocalRates local, SharedRates? shared)
    {
        _local = local;
        _shared = shared;
    }

    /// <param name="partition">Who it counts for.</param>
    /// <param name="count">More than the quota counts as the quota: there would never be a time for it.</param>
    public async ValueTask<RateDecision> TakeAsync(RatePolicy policy, string partition, int count)
    {
        (bool IsAllowed, long Used)? said = _shared is null ? null : await _shared.TakeAsync(policy, partition, count);
        if (said is { } together)
        {
            // Should Redis go away now, nobody begins anew.
            _local.Follow(policy, partition, together.Used);
        }

        (bool isAllowed, long used) = said ?? _local.Take(policy, partition, count);
        long free = policy.WindowMicroseconds - used;
        long wait = isAllowed ? used : Math.Max(0, policy.Cost(count) - free);
        return new RateDecision(isAllowed, Math.Max(0, free * policy.Quota / policy.WindowMicroseconds), TimeSpan.FromMicroseconds(wait));
    }
}
