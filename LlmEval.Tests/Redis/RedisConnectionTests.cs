using LlmEval.Core.Redis;
using LlmEval.Tests.Monitoring;
using LlmEval.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace LlmEval.Tests.Redis;

public class RedisConnectionTests
{
    [Theory]
    [InlineData(true, "AuthenticationFailure")]
    [InlineData(false, "UnableToConnect")]
    public async Task AStartWithoutRedisIsSaidAndWhy(bool isThere, string why)
    {
        await using TestRedis redis = await TestRedis.StartAsync();
        if (isThere)
        {
            await AskForAPasswordAsync(redis);
        }
        else
        {
            await redis.StopAsync();
        }

        using var log = new LogSecrecyTests.KeptLog();
        using var logs = new LoggerFactory([log]);
        var options = Options.Create(new RedisOptions { Url = redis.Url, Password = "wrong" });
        await using var connection = new RedisConnection(options, TimeProvider.System, logs.CreateLogger<RedisConnection>());

        await connection.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => !log.Lines.IsEmpty);
        await connection.StopAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith($"Warning LlmEval.Core.Redis.RedisConnection Redis is away ({why})", log.Lines.First(), StringComparison.Ordinal);
    }

    private static async Task AskForAPasswordAsync(TestRedis redis)
    {
        await using ConnectionMultiplexer admin = await ConnectionMultiplexer.ConnectAsync($"{new Uri(redis.Url).Authority},allowAdmin=true");
        await admin.GetServers()[0].ConfigSetAsync("requirepass", "right");
    }
}
