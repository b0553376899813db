using LlmEval.Core.Redis;
using LlmEval.Core.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace LlmEval.Core.Limits;

/// <summary>Counts for all replicas together, in Redis and by its clock. While Redis is away or slow nobody waits for it.</summary>
internal sealed partial class SharedRates(
    RedisConnection redis, IOptions<StorageOptions> storage, TimeProvider time, ILogger<SharedRates> logger)
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

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(75);

    /// <summary>After Redis did not answer in time it is left alone for so long.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly string _prefix = $"llmeval:{StorageIdentity.Of(storage.Value)}:rate:";
    private long _restUntil;

    /// <returns>As <see cref="LocalRates.Take"/>; null when Redis does not say.</returns>
    public async ValueTask<(bool IsAllowed, long Used)?> TakeAsync(RatePolicy policy, string partition, int count)
    {
        if (redis.Multiplexer is not { IsConnected: true } multiplexer || time.GetUtcNow().Ticks < Volatile.Read(ref _restUntil))
        {
            return null;
        }

        try
        {
            RedisResult result = await multiplexer.GetDatabase()
                .ScriptEvaluateAsync(Script, [$"{_prefix}{policy.Name}:{partition}"], [policy.Cost(count), policy.WindowMicroseconds])
                .WaitAsync(Patience, time);
            long[] said = (long[])result!;
            return (said[0] == 1, said[1]);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            Volatile.Write(ref _restUntil, (time.GetUtcNow() + Rest).Ticks);
            Log.Local(logger, e.Message);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(130, LogLevel.Debug, "Rates are counted by this replica alone, Redis does not answer: {Reason}")]
        public static partial void Local(ILogger logger, string reason);
    }
}
