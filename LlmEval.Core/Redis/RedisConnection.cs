using LlmEval.Core.Primitives;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace LlmEval.Core.Redis;

/// <summary>
/// The one connection to Redis that everything shares. It is made in the background, so that a start without Redis is like any
/// other, and mends itself. Redis makes things faster; nothing may depend on it.
/// </summary>
public sealed partial class RedisConnection(IOptions<RedisOptions> options, TimeProvider time, ILogger<RedisConnection> logger)
    : BackgroundService, IAsyncDisposable
{
    /// <summary>Whoever asks in the path of a request gives up after this.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly RepeatedFault _fault = new(time);

    private readonly TaskCompletionSource<IConnectionMultiplexer> _made = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Null until the first attempt has ended, well or not.</summary>
    public IConnectionMultiplexer? Multiplexer => _made.Task.IsCompletedSuccessfully ? _made.Task.Result : null;

    public Task<IConnectionMultiplexer> WaitAsync(CancellationToken cancel) => _made.Task.WaitAsync(cancel);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        ConfigurationOptions settings = Settings(options.Value);
        while (true)
        {
            try
            {
                IConnectionMultiplexer made = await ConnectionMultiplexer.ConnectAsync(settings);
                made.ConnectionFailed += (_, e) => Log.Lost(logger, e.FailureType);
                made.ConnectionRestored += (_, _) => Log.Restored(logger);
                _made.SetResult(made);
                if (await FindFaultAsync(made) is { } fault)
                {
                    Log.Lost(logger, fault);
                }
                else
                {
                    Log.Made(logger);
                }

                return;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                if (_fault.IsNews())
                {
                    Log.NotMade(logger, e.Message);
                }
            }

            await Task.Delay(RetryAfter, time, stoppingToken);
        }
    }

    /// <summary>Attempts go on whatever came of the first, so that making the connection never fails: only who uses it is told.</summary>
    private static async Task<ConnectionFailureType?> FindFaultAsync(IConnectionMultiplexer made)
    {
        try
        {
            await made.GetDatabase().PingAsync();
            return null;
        }
        catch (RedisConnectionException e)
        {
            return e.InnerException is RedisConnectionException inner ? inner.FailureType : e.FailureType;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return ConnectionFailureType.UnableToConnect;
        }
    }

    private static ConfigurationOptions Settings(RedisOptions options)
    {
        if (!RedisUrl.TryParse(options.Url ?? "", out ConfigurationOptions? settings, out string? fault))
        {
            throw new InvalidOperationException($"REDIS_URL {fault}");
        }

        settings.Password = options.Password ?? settings.Password;
        settings.ClientName = "LlmEval";
        settings.AbortOnConnectFail = false;
        settings.ConnectTimeout = 2_000;
        settings.AsyncTimeout = 1_000;
        settings.SyncTimeout = 1_000;
        settings.ReconnectRetryPolicy = new LinearRetry(1_000);

        // While Redis is away a command fails at once; waiting in line for it would help nobody.
        settings.BacklogPolicy = BacklogPolicy.FailFast;
        return settings;
    }

    public async ValueTask DisposeAsync()
    {
        Dispose();
        if (Multiplexer is { } made)
        {
            await made.DisposeAsync();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(40, LogLevel.Information, "The connection to Redis is made.")]
        public static partial void Made(ILogger logger);

        [LoggerMessage(41, LogLevel.Warning, "No connection to Redis, trying again: {Reason}")]
        public static partial void NotMade(ILogger logger, string reason);

        [LoggerMessage(42, LogLevel.Warning, "Redis is away ({Reason}); everything goes on without it.")]
        public static partial void Lost(ILogger logger, ConnectionFailureType reason);

        [LoggerMessage(43, LogLevel.Information, "Redis is back.")]
        public static partial void Restored(ILogger logger);
    }
}
