using System.Globalization;
using LlmEval.Core.Redis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace LlmEval.Core.Events;

/// <summary>
/// Hints over a Redis channel. The first goes out at once; one is under way at a time and carries the newest head, so that
/// load makes fewer hints per event and a Redis that stands still gathers none.
/// </summary>
internal sealed partial class RedisEventHint(RedisConnection redis, TimeProvider time, ILogger<RedisEventHint> logger)
    : BackgroundService, IEventHint
{
    private static readonly RedisChannel Channel = RedisChannel.Literal("llmeval:events");
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Between two hints: the others rest longer between two looks at the log. By the machine's clock, since it only spares the machine.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(10);

    /// <summary>Tells this process's own messages from those of others.</summary>
    private readonly string _sender = Guid.NewGuid().ToString("N");

    private long _head;
    private int _sending;
    private volatile bool _subscribed;

    public bool IsHeard => _subscribed && redis.Multiplexer is { IsConnected: true };

    public event Action? Heard;

    public void Announce(long head)
    {
        long known = Volatile.Read(ref _head);
        while (head > known)
        {
            long seen = Interlocked.CompareExchange(ref _head, head, known);
            if (seen == known)
            {
                break;
            }

            known = seen;
        }

        if (redis.Multiplexer is { IsConnected: true } multiplexer && Interlocked.Exchange(ref _sending, 1) == 0)
        {
            _ = Task.Run(() => SendAsync(multiplexer));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        IConnectionMultiplexer multiplexer = await redis.WaitAsync(stoppingToken);

        // Whatever was said while the connection was gone is lost: look at the log.
        multiplexer.ConnectionRestored += (_, _) => Heard?.Invoke();
        while (!_subscribed)
        {
            try
            {
                // The library subscribes anew after every reconnection.
                await multiplexer.GetSubscriber().SubscribeAsync(Channel, (_, message) => Hear(message));
                Heard?.Invoke();
                _subscribed = true;
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                Log.NotSubscribed(logger, e.Message);
                await Task.Delay(RetryAfter, time, stoppingToken);
            }
        }
    }

    private void Hear(RedisValue message)
    {
        if (!((string?)message ?? "").EndsWith(_sender, StringComparison.Ordinal))
        {
            Heard?.Invoke();
        }
    }

    private async Task SendAsync(IConnectionMultiplexer multiplexer)
    {
        long sent;
        try
        {
            sent = Volatile.Read(ref _head);
            await multiplexer.GetSubscriber().PublishAsync(Channel, string.Create(CultureInfo.InvariantCulture, $"{sent} {_sender}"));
            await Task.Delay(Rest, TimeProvider.System);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            // The others ask the database by themselves.
            sent = long.MaxValue;
        }

        Volatile.Write(ref _sending, 0);
        if (Volatile.Read(ref _head) > sent)
        {
            Announce(0);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(12, LogLevel.Debug, "Not subscribed to hints yet: {Reason}")]
        public static partial void NotSubscribed(ILogger logger, string reason);
    }
}
