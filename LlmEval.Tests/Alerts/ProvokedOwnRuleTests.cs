using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Core.Alerts;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Alerts;

/// <summary>Alerts of rules that somebody made, by what really causes them; and they are over when the cause is gone.</summary>
public class ProvokedOwnRuleTests
{
    [Fact]
    public async Task ARuleAboutOpenStreams()
    {
        await using var clock = new RunningClock(SomeTrace.Now);
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, replace: clock.Replace);
        AlertRule rule = await SaveAsync(server, SomeRule.Above(2, AlertMeasure.StreamsOpen));
        await using TestStream stream = await server.OpenStreamAsync("/stream/events");
        clock.Start();

        await using (await server.OpenStreamAsync("/stream/events"))
        await using (await server.OpenStreamAsync("/stream/traces"))
        {
            Assert.Equal(3, (await stream.NextAlertAsync("alert_raised", rule.Key)).GetProperty("value").GetDouble());
        }

        Assert.Equal(1, (await stream.NextAlertAsync("alert_cleared", rule.Key)).GetProperty("value").GetDouble());
    }

    [Fact]
    public async Task ARuleAboutRedis()
    {
        await using TestRedis redis = await TestRedis.StartAsync();
        await using var clock = new RunningClock(SomeTrace.Now);
        await using TestServer server = await TestServer.StartAsync(
            DatabaseKind.Sqlite, new Dictionary<string, string?> { ["REDIS_URL"] = redis.Url }, clock.Replace);
        AlertRule rule = await SaveAsync(server, SomeRule.Above(10, AlertMeasure.RedisAway));
        await using TestStream stream = await server.OpenStreamAsync("/stream/events");
        clock.Start();

        await redis.StopAsync();
        JsonElement raised = await stream.NextAlertAsync("alert_raised", rule.Key);

        Assert.InRange(raised.GetProperty("value").GetDouble(), 10, 60);
        await redis.ResumeAfterStopAsync();
        await stream.NextAlertAsync("alert_cleared", rule.Key);
    }

    [Theory, EveryDatabase]
    public async Task ARuleAboutTheQualityOfAModel(DatabaseKind kind)
    {
        await using var clock = new RunningClock(SomeTrace.Now);
        await using TestServer server = await TestServer.StartAsync(kind, replace: clock.Replace);
        AlertRule rule = SomeRule.Below(80);
        (rule.Name, rule.ModelName, rule.WindowSeconds, rule.LeastSamples) = ("gpt-4 gets worse", "gpt-4", 86_400, 3);
        await server.Services.GetRequiredService<AlertRules>().SaveAsync(rule, Actor.System, TestContext.Current.CancellationToken);
        await using TestStream stream = await server.OpenStreamAsync("/stream/events");
        clock.Start();

        await JudgeAsync("other", "rejected", 5);
        await JudgeAsync("gpt-4", "rejected", 3);
        JsonElement raised = await stream.NextAlertAsync("alert_raised", rule.Key);

        Assert.Equal(("gpt-4 gets worse", "gpt-4", 0), (raised.GetProperty("name").GetString(), raised.GetProperty("model_name").GetString(), raised.GetProperty("value").GetDouble()));
        await JudgeAsync("gpt-4", "accepted", 20);
        JsonElement cleared = await stream.NextAlertAsync("alert_cleared", rule.Key);
        Assert.Equal(raised.GetProperty("alert_id").GetString(), cleared.GetProperty("alert_id").GetString());

        async Task JudgeAsync(string model, string status, int count)
        {
            for (int i = 0; i < count; i++)
            {
                await server.StoreAsync($"{model}-{status}-{i}", model);
                using HttpResponseMessage judged = await server.PostAsync("/api/evaluations", new { trace_id = $"{model}-{status}-{i}", status });
                judged.EnsureSuccessStatusCode();
            }
        }
    }

    private static async Task<AlertRule> SaveAsync(TestServer server, AlertRule rule)
    {
        Assert.Empty(await server.Services.GetRequiredService<AlertRules>().SaveAsync(rule, Actor.System, TestContext.Current.CancellationToken));
        return rule;
    }
}
