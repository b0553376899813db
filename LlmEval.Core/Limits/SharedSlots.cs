using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace LlmEval.Core.Limits;

/// <summary>
/// Counts what callers have open on all replicas together. In Redis each replica keeps how many it has itself, not one sum that all
/// change: a change that was lost is mended by the next, and what a dead replica had is forgotten soon.
/// </summary>
internal sealed class SharedSlots(CountingRedis redis, TimeProvider time) : BackgroundService
{
    /// <summary>ARGV: this replica, how many it has, how many there may be in all, and for how many milliseconds it is believed.</summary>
    private const string Script =
        """
        local clock = redis.call('TIME')
        local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
        local total = tonumber(ARGV[2])
        local replicas = redis.call('HGETALL', KEYS[1])
        for i = 1, #replicas, 2 do
            if replicas[i] ~= ARGV[1] then
                local open, believed = string.match(replicas[i + 1], '(%d+):(%d+)')
                if tonumber(believed) < now then
                    redis.call('HDEL', KEYS[1], replicas[i])
                else
                    total = total + tonumber(open)
                end
            end
        end
        if total > tonumber(ARGV[3]) then
            return 0
        end
        if ARGV[2] == '0' then
            redis.call('HDEL', KEYS[1], ARGV[1])
        else
            redis.call('HSET', KEYS[1], ARGV[1], string.format('%s:%.0f', ARGV[2], now + ARGV[4]))
            redis.call('PEXPIRE', KEYS[1], ARGV[4])
        end
        return 1
        """;

    private const int BelievedMilliseconds = 30_000;

    private static readonly TimeSpan SaidAgainEvery = TimeSpan.FromSeconds(10);

    private readonly string _replica = Guid.NewGuid().ToString("N");
    private readonly Dictionary<string, int> _own = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <param name="what">Is counted by itself.</param>
    /// <returns>Whether there was room; null, and counted, when Redis does not say. After false there is nothing to leave.</returns>
    public async ValueTask<bool?> EnterAsync(string what, string partition, int limit)
    {
        string key = KeyOf(what, partition);
        ValueTask<RedisResult?> asking;
        lock (_lock)
        {
            asking = redis.AskAsync(Script, key, Arguments(Add(key, 1), limit));
        }

        if ((int?)await asking is not { } said)
        {
            return null;
        }

        if (said == 1)
        {
            return true;
        }

        lock (_lock)
        {
            Add(key, -1);
        }

        return false;
    }

    public void Leave(string what, string partition)
    {
        string key = KeyOf(what, partition);
        lock (_lock)
        {
            redis.Tell(Script, key, Arguments(Add(key, -1), int.MaxValue));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SaidAgainEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            SayAgain();
        }
    }

    /// <summary>Says what is still open, also to a Redis that was away or has lost it.</summary>
    internal void SayAgain()
    {
        lock (_lock)
        {
            foreach ((string key, int open) in _own)
            {
                redis.Tell(Script, key, Arguments(open, int.MaxValue));
            }
        }
    }

    private static string KeyOf(string what, string partition) => $"open:{what}:{partition}";

    private RedisValue[] Arguments(int open, int limit) => [_replica, open, limit, BelievedMilliseconds];

    private int Add(string key, int change)
    {
        int open = _own.GetValueOrDefault(key) + change;
        if (open == 0)
        {
            _own.Remove(key);
        }
        else
        {
            _own[key] = open;
        }

        return open;
    }
}
