using StackExchange.Redis;

namespace LlmEval.Core.Limits;

/// <summary>Counts for all replicas together, in Redis and by its clock.</summary>
internal sealed class SharedRates(CountingRedis redis)
{
    private const string Script =
        """
        local clock = redis.call('TIME')
        local now = clock[1] * 1000000 + clock[2]
        local used = math.max(tonumber(redis.call('GET', KEYS[1]) or '0') - now, 0)
        local after = used + tonumber(ARGV[1])
        if after > tonumber(ARGV[2]) then
            return {0, used}
        end
        redis.call('SET', KEYS[1], string.format('%.0f', now + after), 'PX', math.ceil(after / 1000) + 1)
        return {1, after}
        """;

    /// <returns>As <see cref="LocalRates.Take"/>; null when Redis does not say.</returns>
    public async ValueTask<(bool IsAllowed, long Used)?> TakeAsync(RatePolicy policy, string partition, int count)
    {
        RedisResult? result = await redis.AskAsync(Script, $"rate:{policy.Name}:{partition}", [policy.Cost(count), policy.WindowMicroseconds]);
        return (long[]?)result is { } said ? (said[0] == 1, said[1]) : null;
    }
}
