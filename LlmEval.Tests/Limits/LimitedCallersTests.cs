using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Core.Limits;
using LlmEval.Core.Redis;
using LlmEval.Core.Storage;
using LlmEval.Tests.Access;
using LlmEval.Tests.People;
using LlmEval.Tests.Support;
using LlmEval.Web.Limits;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LlmEval.Tests.Limits;

public class LimitedCallersTests
{
    private static int _ids;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ABatchCountsByItsTracesAndCallersAreToldHowTheyStand()
    {
        await using TestServer server = await StartAsync(("TracesPerMinute", "100"));
        NewApiKey key = await server.MakeKeyAsync();

        using HttpResponseMessage first = await SendAsync(server, key, 60);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal("\"traces\";q=100;w=60", first.Headers.GetValues("RateLimit-Policy").Single());
        Assert.Matches("^\"traces\";r=40;t=3[67]$", first.Headers.GetValues("RateLimit").Single());

        using HttpResponseMessage second = await SendAsync(server, key, 60);
        JsonElement problem = await second.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Equal("https://iana.org/assignments/http-problem-types#quota-exceeded", problem.GetProperty("type").GetString());
        Assert.Equal("traces", problem.GetProperty("violated-policies")[0].GetString());
        int retry = (int)second.Headers.RetryAfter!.Delta!.Value.TotalSeconds;
        Assert.InRange(retry, 10, 12);
        Assert.EndsWith($";t={retry}", second.Headers.GetValues("RateLimit").Single());

        // A smaller one still fits, and what was refused is not there.
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(server, key, 40)).StatusCode);
        Assert.Equal(100, (await GetAsync(server, "/webhook/stats", key)).GetProperty("total_traces").GetInt32());
    }

    [Fact]
    public async Task ATraceThatIsRefusedUnreadCountsToo()
    {
        await using TestServer server = await StartAsync(("TracesPerMinute", "100"));
        NewApiKey key = await server.MakeKeyAsync();
        using HttpResponseMessage most = await SendAsync(server, key, 97);
        List<int> statuses = [];
        for (int i = 0; i < 8; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/webhook/trace") { Content = new StringContent("x") };
            request.Headers.Add("X-API-Key", key.Token);
            using HttpResponseMessage answer = await server.Http.SendAsync(request, Cancel);
            statuses.Add((int)answer.StatusCode);
        }

        Assert.Equal([415, 415, 415], statuses[..3]);
        Assert.Equal(429, statuses[^1]);
    }

    [Fact]
    public async Task OneKeysFloodLeavesAnothersAnswersAlone()
    {
        await using TestServer server = await StartAsync(("RequestsPerMinute", "30"));
        NewApiKey flooding = await server.MakeKeyAsync();
        NewApiKey calm = await server.MakeKeyAsync();

        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task<int>[] floods = [.. Enumerable.Range(0, 8).Select(async _ =>
        {
            int refused = 0;
            while (!end.IsCancellationRequested)
            {
                refused += await StatusAsync(server, "/api/traces", flooding) == 429 ? 1 : 0;
            }

            return refused;
        })];
        List<double> times = [];
        for (int i = 0; i < 25; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Assert.Equal(200, await StatusAsync(server, "/api/traces", calm));
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        await end.CancelAsync();
        Assert.True((await Task.WhenAll(floods)).Sum() > 25);
        Assert.True(times.Order().ElementAt(22) < 1_000, $"{times.Max()} ms");
    }

    [Fact]
    public async Task TwoReplicasCountTogetherAndGoOnWithoutRedis()
    {
        await using TestRedis redis = await TestRedis.StartAsync();
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        Dictionary<string, string?> settings = new() { ["REDIS_URL"] = redis.Url, ["LlmEval:Limits:RequestsPerMinute"] = "60" };
        await using TestServer one = await TestServer.StartAsync(database, settings, Patient);
        await using TestServer two = await TestServer.StartAsync(database, settings, Patient);
        NewApiKey key = await one.MakeKeyAsync();

        // Neither is slow at its first.
        await Eventually.TrueAsync(async () => await StatusAsync(two, "/api/traces", null) == 401);
        Assert.Equal(200, await StatusAsync(one, "/webhook/stats", key));
        Assert.Equal(200, await StatusAsync(two, "/webhook/stats", key));

        long start = Stopwatch.GetTimestamp();
        int[] statuses = await AskBothAsync(one, two, key, 150);
        int edge = (int)Math.Ceiling(Stopwatch.GetElapsedTime(start).TotalSeconds) + 1;
        Assert.InRange(statuses.Count(s => s == 200), 58, 58 + edge);
        Assert.All(statuses, s => Assert.True(s is 200 or 429));

        // Each for itself now: never an error, and never without a limit.
        Task<int[]> asking = AskBothAsync(one, two, key, 300);
        await redis.StopAsync();
        statuses = [.. await asking, .. await AskBothAsync(one, two, key, 300)];
        Assert.All(statuses, s => Assert.True(s is 200 or 429));
        Assert.InRange(statuses.Count(s => s == 200), 0, 120 + edge);
    }

    /// <summary>With time for Redis on a busy machine: who does not hear from it in time counts alone for a second.</summary>
    private static void Patient(IServiceCollection services) => services.AddSingleton(provider => new CountingRedis(
        provider.GetRequiredService<RedisConnection>(),
        provider.GetRequiredService<IOptions<StorageOptions>>(),
        TimeProvider.System,
        NullLogger<CountingRedis>.Instance)
    {
        Patience = TimeSpan.FromSeconds(2),
    });

    [Fact]
    public async Task ARedisThatHangsHoldsNobodyUp()
    {
        await using TestRedis redis = await TestRedis.StartAsync();
        await using TestServer server = await StartAsync(("REDIS_URL", redis.Url));
        NewApiKey key = await server.MakeKeyAsync();
        Assert.Equal(200, await StatusAsync(server, "/api/traces", key));
        await redis.PauseAsync();

        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(200, await StatusAsync(server, "/api/traces", key));
        }

        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(2), $"{Stopwatch.GetElapsedTime(start)}");
    }

    [Fact]
    public async Task WhoTriesCredentialsIsCountedByTheirAddressWhateverTheyWriteOfIt()
    {
        await using TestServer server = await StartAsync(("RequestsPerMinute", "20"));
        NewApiKey key = await server.MakeKeyAsync();
        List<int> statuses = [];
        for (int i = 0; i < 30; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/traces");
            request.Headers.Add("X-API-Key", $"evk_guess{i}");
            request.Headers.Add("X-Forwarded-For", $"203.0.113.{i}");
            request.Headers.Add("Forwarded", $"for=203.0.113.{i}");
            request.Headers.Add("X-Real-IP", $"203.0.113.{i}");
            using HttpResponseMessage answer = await server.Http.SendAsync(request, Cancel);
            statuses.Add((int)answer.StatusCode);
        }

        Assert.All(statuses[..20], s => Assert.Equal(401, s));
        Assert.Equal(429, statuses[^1]);

        // A good key has nothing to do with it.
        Assert.Equal(200, await StatusAsync(server, "/api/traces", key));
    }

    [Fact]
    public async Task ThisMachineHasNoLimitsWhileNothingIsSetUpAndHealthNever()
    {
        await using TestServer server = await StartAsync(("RequestsPerMinute", "1"), ("TracesPerMinute", "100"), ("StreamsPerCaller", "1"));
        for (int i = 0; i < 5; i++)
        {
            using HttpResponseMessage answer = await server.Http.GetAsync("/api/traces", Cancel);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.False(answer.Headers.Contains("RateLimit"));
        }

        NewApiKey key = await server.MakeKeyAsync();
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(200, await StatusAsync(server, "/health/ready", key));
        }
    }

    [Fact]
    public async Task StreamsAreCountedWhileTheyAreOpen()
    {
        await using TestServer server = await StartAsync(("StreamsPerCaller", "2"), ("Streams", "3"));
        NewApiKey key = await server.MakeKeyAsync();
        NewApiKey other = await server.MakeKeyAsync();
        using HttpResponseMessage one = await OpenAsync(server, key);
        HttpResponseMessage two = await OpenAsync(server, key);
        using HttpResponseMessage refused = await OpenAsync(server, key);
        Assert.Equal([200, 200, 429], [(int)one.StatusCode, (int)two.StatusCode, (int)refused.StatusCode]);

        using HttpResponseMessage third = await OpenAsync(server, other);
        using HttpResponseMessage full = await OpenAsync(server, other);
        Assert.Equal([200, 503], [(int)third.StatusCode, (int)full.StatusCode]);
        Assert.NotNull(full.Headers.RetryAfter);

        two.Dispose();
        await Eventually.TrueAsync(async () =>
        {
            using HttpResponseMessage again = await OpenAsync(server, key);
            return again.StatusCode == HttpStatusCode.OK;
        });
    }

    [Fact]
    public async Task StreamsOfOneCallerAreCountedOverBothReplicas()
    {
        await using TestRedis redis = await TestRedis.StartAsync();
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        Dictionary<string, string?> settings = new() { ["REDIS_URL"] = redis.Url, ["LlmEval:Limits:StreamsPerCaller"] = "2" };
        await using TestServer one = await TestServer.StartAsync(database, settings);
        await using TestServer two = await TestServer.StartAsync(database, settings);
        NewApiKey key = await one.MakeKeyAsync();
        await Eventually.TrueAsync(async () => await StatusAsync(two, "/webhook/stats", key) == 200);
        foreach (TestServer server in new[] { one, two })
        {
            await Eventually.TrueAsync(() => server.Services.GetRequiredService<RedisConnection>().Multiplexer is { IsConnected: true });
        }

        using HttpResponseMessage first = await OpenAsync(one, key);
        using HttpResponseMessage second = await OpenAsync(two, key);
        Assert.Equal([200, 200], [(int)first.StatusCode, (int)second.StatusCode]);

        // More than once: on a busy machine Redis may be waited for too long, and then each counts for itself.
        await Eventually.TrueAsync(async () =>
        {
            using HttpResponseMessage third = await OpenAsync(one, key);
            return third.StatusCode == HttpStatusCode.TooManyRequests;
        });

        second.Dispose();
        await Eventually.TrueAsync(async () =>
        {
            using HttpResponseMessage again = await OpenAsync(one, key);
            return again.StatusCode == HttpStatusCode.OK;
        });
    }

    [Fact]
    public async Task AnImportIsSlowedDownAndNotBrokenOff()
    {
        await using TestServer server = await StartAsync(("TracesPerMinute", "6000"));
        NewApiKey key = await server.MakeKeyAsync();
        string lines = string.Join('\n', Enumerable.Range(0, 6_200).Select(i => $$"""{"trace_id":"i{{i}}","model_name":"m","user_query":"q","ai_response":"a"}"""));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/traces/import")
        {
            Content = new StringContent(lines, System.Text.Encoding.UTF8, "application/x-ndjson"),
            Headers = { { "X-API-Key", key.Token } },
        };

        long start = Stopwatch.GetTimestamp();
        using HttpResponseMessage answer = await server.Http.SendAsync(request, Cancel);
        Assert.Equal(6_200, (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("imported").GetInt32());
        Assert.True(Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(1), $"{Stopwatch.GetElapsedTime(start)}");
    }

    [Fact]
    public async Task PagesForEverybodyCountByAddressAndHealthAndFilesDoNot()
    {
        await using TestServer server = await StartAsync(("RequestsPerMinute", "3"));
        await server.MakeKeyAsync();

        List<int> pages = [];
        for (int i = 0; i < 5; i++)
        {
            pages.Add(await StatusAsync(server, "/sign-in", null));
        }

        Assert.Equal([200, 200, 200, 429, 429], pages);
        Assert.Equal(200, await StatusAsync(server, "/health", null));
        Assert.Equal(200, await StatusAsync(server, "/sdk", null));
    }

    [Fact]
    public async Task APersonHasOneCountHoweverOftenTheySignIn()
    {
        await using TestServer server = await StartAsync(("RequestsPerMinute", "3"));
        string first = await server.SignInAsync(Role.Viewer);
        string second = await server.SignInAgainAsync(first);

        List<int> statuses = [];
        foreach (string session in (string[])[first, second, first, second])
        {
            using HttpClient http = server.As("Cookie", $"llmeval-session={session}");
            using HttpResponseMessage answer = await http.GetAsync("/webhook/stats", Cancel);
            statuses.Add((int)answer.StatusCode);
        }

        Assert.Equal([200, 200, 200, 429], statuses);
    }

    [Theory]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::1", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    public void OfIpv6TheNetworkOfOneCustomerCounts(string one, string other, bool same) =>
        Assert.Equal(same, NetworkGroup.Of(IPAddress.Parse(one)) == NetworkGroup.Of(IPAddress.Parse(other)));

    [Fact]
    public async Task ImportsAreCountedWhileTheyAreUnderWay()
    {
        await using TestServer server = await StartAsync(("ImportsPerCaller", "1"));
        NewApiKey key = await server.MakeKeyAsync(Rights.Ingest);
        using TcpClient under = new(server.Url.Host, server.Url.Port);
        await under.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/traces/import HTTP/1.1\r\nHost: {server.Url.Authority}\r\nX-API-Key: {key.Token}\r\nContent-Type: application/x-ndjson\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n"), Cancel);

        // Said once the body is read, which is after the import was counted.
        byte[] goOn = new byte["HTTP/1.1 100".Length];
        await under.GetStream().ReadExactlyAsync(goOn, Cancel);
        Assert.Equal("HTTP/1.1 100", Encoding.ASCII.GetString(goOn));

        Assert.Equal(429, await ImportAsync());
        under.Dispose();
        await Eventually.TrueAsync(async () => await ImportAsync() == 200);

        async Task<int> ImportAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/traces/import");
            request.Headers.Add("X-API-Key", key.Token);
            request.Content = new StringContent("", Encoding.UTF8, "application/x-ndjson");
            using HttpResponseMessage answer = await server.Http.SendAsync(request, Cancel);
            return (int)answer.StatusCode;
        }
    }

    private static Task<TestServer> StartAsync(params (string Name, string Value)[] limits) => TestServer.StartAsync(
        DatabaseKind.Sqlite,
        limits.ToDictionary(l => l.Name == "REDIS_URL" ? l.Name : $"LlmEval:Limits:{l.Name}", l => (string?)l.Value));

    private static async Task<int[]> AskBothAsync(TestServer one, TestServer two, NewApiKey key, int times) =>
        [.. (await Task.WhenAll(Enumerable.Range(0, 6).Select(async asker =>
        {
            List<int> statuses = [];
            for (int i = 0; i < times / 6; i++)
            {
                statuses.Add(await StatusAsync(asker % 2 == 0 ? one : two, "/webhook/stats", key));
            }

            return statuses;
        }))).SelectMany(s => s)];

    private static Task<HttpResponseMessage> SendAsync(TestServer server, NewApiKey key, int traces) => server.Http.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, "/webhook/batch")
        {
            Content = JsonContent.Create(new
            {
                source = "s",
                traces = Enumerable.Range(0, traces).Select(_ => new
                {
                    trace_id = $"{Interlocked.Increment(ref _ids)}",
                    model_name = "m",
                    user_query = "q",
                    ai_response = "a",
                }),
            }),
            Headers = { { "X-API-Key", key.Token } },
        },
        Cancel);

    private static Task<HttpResponseMessage> OpenAsync(TestServer server, NewApiKey key) => server.Http.SendAsync(
        new HttpRequestMessage(HttpMethod.Get, "/stream/events") { Headers = { { "X-API-Key", key.Token } } },
        HttpCompletionOption.ResponseHeadersRead,
        Cancel);

    private static async Task<int> StatusAsync(TestServer server, string path, NewApiKey? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (key is not null)
        {
            request.Headers.Add("X-API-Key", key.Token);
        }

        using HttpResponseMessage answer = await server.Http.SendAsync(request, Cancel);
        return (int)answer.StatusCode;
    }

    private static async Task<JsonElement> GetAsync(TestServer server, string path, NewApiKey key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-API-Key", key.Token } } };
        using HttpResponseMessage answer = await server.Http.SendAsync(request, Cancel);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }
}
