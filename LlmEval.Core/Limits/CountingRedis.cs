using LlmEval.Core.Redis;
using LlmEval.Core.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace LlmEval.Core.Limits;

/// <summary>Runs the scripts that count for all replicas together. While Redis is away or slow nobody waits for it.</summary>
internal sealed partial class CountingRedis(
    RedisConnection redis, IOptions<StorageOptions> storage, TimeProvider time, ILogger<CountingRedis> logger)
{
    /// <summary>After Redis did not answer in time it is left alone for so long.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly string _prefix = $"llmeval:{StorageIdentity.Of(storage.Value)}:";
    private long _restUntil;

    /// <summary>How long a request waits for it.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMilliseconds(75);

    private IDatabase? Database =>
        redis.Multiplexer is { IsConnected: true } multiplexer && time.GetUtcNow().Ticks >= Volatile.Read(ref _restUntil)
            ? multiplexer.GetDatabase()
            : null;

    /// <summary>The script is on its way when this returns: what is asked in an order is done in that order.</summary>
    /// <param name="key">Of this database's own.</param>
    /// <returns>Null when Redis does not say.</returns>
    public async ValueTask<RedisResult?> AskAsync(string script, string key, RedisValue[] arguments)
    {
        if (Database is not { } database)
        {
            return null;
        }

        try
        {
            return await database.ScriptEvaluateAsync(script, [_prefix + key], arguments).WaitAsync(Patience, time);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            Volatile.Write(ref _restUntil, (time.GetUtcNow() + Rest).Ticks);
            Log.Alone(logger, e.Message);
            return null;
        }
    }

    /// <summary>As <see cref="AskAsync"/>, for which nobody waits.</summary>
    public void Tell(string script, string key, RedisValue[] arguments)
    {
        try
        {
            Database?.ScriptEvaluate(script, [_prefix + key], arguments, CommandFlags.FireAndForget);
        }
        catch (Exception e) when (e is RedisException or ObjectDisposedException)
        {
            Log.Alone(logger, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(130, LogLevel.Debug, "This replica counts alone, Redis does not answer: {Reason}")]
        public static partial void Alone(ILogger logger, string reason);
    }
}
