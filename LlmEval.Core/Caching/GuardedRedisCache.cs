using System.Buffers;
using LlmEval.Core.Redis;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using StackExchange.Redis;

namespace LlmEval.Core.Caching;

/// <summary>
/// The second level of the cache. Redis may be away, slow, full or read-only: a call then takes at most
/// <see cref="RedisConnection.Patience"/>, finds or stores nothing, and is counted; it never fails.
/// </summary>
internal sealed class GuardedRedisCache(RedisConnection redis, CircuitBreaker breaker, CacheMetrics metrics, TimeProvider time)
    : IBufferDistributedCache
{
    // Made with the connection; it adds the format of entries, their lives, and nothing that waits.
    private RedisCache? _cache;

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => CallAsync(cache => cache.GetAsync(key, token), token);

    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        // Not into the destination at once: a call that was given up would write into a buffer that is somebody else's by then.
        byte[]? found = await GetAsync(key, token);
        if (found is null)
        {
            return false;
        }

        destination.Write(found);
        return true;
    }

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        CallAsync(
            async cache =>
            {
                await cache.SetAsync(key, value, options, token);
                return true;
            },
            token);

    public async ValueTask SetAsync(
        string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        // A copy: the buffer goes back to its pool when this returns, and a call that was given up may still be under way.
        await SetAsync(key, value.ToArray(), options, token);
    }

    public Task RemoveAsync(string key, CancellationToken token = default) =>
        CallAsync(
            async cache =>
            {
                await cache.RemoveAsync(key, token);
                return true;
            },
            token);

    /// <summary>Entries live for a fixed time.</summary>
    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    private async Task<T?> CallAsync<T>(Func<RedisCache, Task<T>> call, CancellationToken cancel)
    {
        if (redis.Multiplexer is not { } multiplexer || !breaker.Allows())
        {
            return default;
        }

        Task<T>? task = null;
        try
        {
            _cache ??= new RedisCache(new RedisCacheOptions { ConnectionMultiplexerFactory = () => Task.FromResult(multiplexer) });
            task = call(_cache);
            T result = await task.WaitAsync(RedisConnection.Patience, time, cancel);
            breaker.Succeeded();
            return result;
        }
        catch (RedisServerException)
        {
            // It answered, and at once: full, read-only, loading. Reads may still be worth a try.
            breaker.Succeeded();
            metrics.RedisFault();
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Says nothing of Redis; but a trial call must not leave the breaker waiting for its report.
            breaker.GiveUp();
            Abandon(task);
            throw;
        }
        catch (Exception)
        {
            breaker.Failed();
            metrics.RedisFault();
            Abandon(task);
        }

        return default;
    }

    /// <summary>Sees to it that a late failure is not reported as one that nobody looked at.</summary>
    private static void Abandon(Task? task) =>
        task?.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    byte[]? IDistributedCache.Get(string key) => throw Synchronous();

    bool IBufferDistributedCache.TryGet(string key, IBufferWriter<byte> destination) => throw Synchronous();

    void IDistributedCache.Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw Synchronous();

    void IBufferDistributedCache.Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) => throw Synchronous();

    void IDistributedCache.Remove(string key) => throw Synchronous();

    void IDistributedCache.Refresh(string key) => throw Synchronous();

    private static NotSupportedException Synchronous() => new("Waiting for Redis must not hold a thread.");
}
