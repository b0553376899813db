using System.Net;
using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Core.Alerts;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Alerts;

/// <summary>Each of the alerts that are built in, by what really causes it; and it is over when the cause is gone.</summary>
public class ProvokedAlertTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);

    [Theory, EveryDatabase]
    public async Task BadRequests(DatabaseKind kind)
    {
        await using var clock = new RunningClock(SomeTrace.Now);
        await using TestServer server = await TestServer.StartAsync(kind, replace: clock.Replace);
        await using TestStream stream = await server.OpenStreamAsync("/stream/events");
        clock.Start();
        for (int i = 0; i < 20; i++)
        {
            await server.StoreAsync($"t-{i}");
            using HttpResponseMessage refused = await server.PostTraceAsync(new { trace_id = $"bad-{i}" });
        }

        DateTime sent = clock.Now;
        JsonElement raised = await stream.NextAlertAsync("alert_raised", "error_rate");

        Assert.Equal(5, raised.GetProperty("threshold").GetDouble());
        Assert.InRange(raised.GetProperty("value").GetDouble(), 40, 60);
        Assert.InRange(raised.GetProperty("raised_at").GetDateTime() - sent, -Soon, Soon);
        await GoOnWellAsync(server, clock);
        Assert.Contains("error_rate", (await server.GetAsync("/health")).GetProperty("components").GetProperty("alerts").GetString(), StringComparison.Ordinal);
        Assert.Equal(raised.GetProperty("alert_id").GetString(), (await stream.NextAlertAsync("alert_cleared", "error_rate")).GetProperty("alert_id").GetString());
        await UntilClearAsync(server);
    }

    [Theory, EveryDatabase]
    public async Task AStalledDatabase(DatabaseKind kind)
    {
        await using var clock = new RunningClock(SomeTrace.Now);
        await using TestServer server = await TestServer.StartAsync(kind, replace: clock.Replace);
        await using TestStream stream = await server.OpenStreamAsync("/stream/events");
        clock.Start();

        Task[] sending;
        await using (await HeldWrites.BeginAsync(server.Services))
        {
            sending = [.. Enumerable.Range(0, 30).Select(i => server.StoreAsync($"t-{i}"))];
            DateTime held = clock.Now;
            await Eventually.TrueAsync(() => clock.Now - held > TimeSpan.FromSeconds(5));
        }

        await Task.WhenAll(sending);
        DateTime answered = clock.Now;
        JsonElement raised = await stream.NextAlertAsync("alert_raised", "processing_time");

        Assert.True(raised.GetProperty("value").GetDouble() > 1_000);
        Assert.True(raised.GetProperty("raised_at").GetDateTime() - answered < Soon);
        await GoOnWellAsync(server, clock);
        await stream.NextAlertAsync("alert_cleared", "processing_time");
        await UntilClearAsync(server);
    }

    [Theory, EveryDatabase]
    public async Task AColdCache(DatabaseKind kind)
    {
        await using var clock = new RunningClock(SomeTrace.Now);
        await using TestServer server = await TestServer.StartAsync(kind, replace: clock.Replace);
        await using TestStream stream = await server.OpenStreamAsync("/stream/events");
        clock.Start();
        for (int i = 0; i < 25; i++)
        {
            await server.StoreAsync($"t-{i}");
        }

        await ReadAllAsync();
        DateTime read = clock.Now;
        JsonElement raised = await stream.NextAlertAsync("alert_raised", "cache_misses");

        Assert.Equal(100, raised.GetProperty("value").GetDouble());
        Assert.True(raised.GetProperty("raised_at").GetDateTime() - read < Soon);
        await ReadAllAsync();
        await ReadAllAsync();
        await stream.NextAlertAsync("alert_cleared", "cache_misses");
        await UntilClearAsync(server);

        async Task ReadAllAsync()
        {
            for (int i = 0; i < 25; i++)
            {
                await server.GetAsync($"/api/traces/t-{i}");
            }
        }
    }

    /// <summary>An SQLite file is never away while its process lives.</summary>
    [Fact]
    public async Task TheDatabaseStopped()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var proxy = new TestProxy(database);
        await using var clock = new RunningClock(SomeTrace.Now);
        await using TestServer server = await TestServer.StartAsync(database, proxy.Settings, clock.Replace);
        await using TestStream stream = await server.OpenStreamAsync("/stream/events");
        clock.Start();
        await stream.NextAsync("connected");

        proxy.Cut();
        DateTime cut = clock.Now;
        StreamFrame unlogged = await stream.NextAsync("system_updates", StreamedAlerts.Patience);

        Assert.Null(unlogged.Id);
        Assert.Equal(("alert_raised", "database_away"), (unlogged.Body.GetProperty("action").GetString(), unlogged.Body.GetProperty("rule").GetString()));
        Assert.True(unlogged.Body.GetProperty("raised_at").GetDateTime() - cut < Soon);
        Assert.Equal("database_away", Assert.Single(Open(server)).Alert.RuleKey);
        using HttpResponseMessage health = await server.Http.GetAsync("/health", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains("open: database_away", await health.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        proxy.Restore();
        StreamFrame logged = await stream.NextAsync("system_updates", StreamedAlerts.Patience);

        Assert.NotNull(logged.Id);
        Assert.Equal(unlogged.Body.GetProperty("alert_id").GetString(), logged.Body.GetProperty("alert_id").GetString());
        await stream.NextAlertAsync("alert_cleared", "database_away");
        await UntilClearAsync(server);
    }

    private static IReadOnlyList<OpenAlert> Open(TestServer server) => server.Services.GetRequiredService<AlertBoard>().Open(Projects.Default);

    private static Task UntilClearAsync(TestServer server) => Eventually.TrueAsync(() => Open(server).Count == 0);

    /// <summary>What comes next is as it should be, which is seen once the rest is out of sight. Without traffic it would take minutes.</summary>
    private static Task GoOnWellAsync(TestServer server, RunningClock clock) => clock.HoldAsync(async () =>
    {
        for (int i = 0; i < 25; i++)
        {
            await server.StoreAsync($"well-{i}");
        }
    });
}
