using System.Net.Http.Json;
using System.Text.Json;
using LlmEval.Web.People;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmEval.Tests.Support;

/// <summary>The whole product on a port of its own, spoken to as its callers do. Several on one database are replicas.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly App _app;
    private TestDatabase? _owned;

    private TestServer(App app)
    {
        _app = app;
        _app.StartServer();
        Url = _app.ClientOptions.BaseAddress;
        Http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { BaseAddress = Url };
    }

    public Uri Url { get; }

    public HttpClient Http { get; }

    /// <summary>For what no caller can do: to look at a gauge, to hold a part still.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>On a database of its own, which goes with it.</summary>
    /// <param name="settings">Configuration keys as in <c>LlmEval:DataFolder</c>.</param>
    /// <param name="replace">Puts fakes in the place of the product's own: a clock that the test moves, for one.</param>
    public static async Task<TestServer> StartAsync(
        DatabaseKind kind,
        IReadOnlyDictionary<string, string?>? settings = null,
        Action<IServiceCollection>? replace = null)
    {
        TestDatabase database = await TestDatabase.CreateAsync(kind);
        try
        {
            TestServer server = await StartAsync(database, settings, replace);
            server._owned = database;
            return server;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    public static async Task<TestServer> StartAsync(
        TestDatabase database,
        IReadOnlyDictionary<string, string?>? settings = null,
        Action<IServiceCollection>? replace = null)
    {
        var app = new App([.. database.Settings, .. settings ?? new Dictionary<string, string?>()], replace);
        try
        {
            var server = new TestServer(app);
            await server.WaitUntilReadyAsync();
            return server;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public Task<HttpResponseMessage> PostTraceAsync(object trace) => PostAsync("/webhook/trace", trace);

    public Task<HttpResponseMessage> PostBatchAsync(IEnumerable<object> traces, string source = "test") =>
        PostAsync("/webhook/batch", new { traces, source });

    public Task<HttpResponseMessage> PostAsync(string path, object body) =>
        Http.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);

    /// <summary>Posts a trace that has to be stored.</summary>
    public async Task StoreAsync(string traceId, string model = "gpt-4")
    {
        using HttpResponseMessage answer = await PostTraceAsync(new { trace_id = traceId, model_name = model, user_query = "q", ai_response = "a" });
        Assert.True(answer.IsSuccessStatusCode, $"{traceId}: {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
    }

    public Task<JsonElement> StatsAsync() => GetAsync("/webhook/stats");

    public Task<JsonElement> GetAsync(string path) => Http.GetFromJsonAsync<JsonElement>(path, TestContext.Current.CancellationToken);

    /// <param name="path">With its query: <c>/stream/events?model_name=gpt-4</c>.</param>
    public Task<TestStream> OpenStreamAsync(string path, long? lastEventId = null) => TestStream.OpenAsync(Http, path, lastEventId);

    private async Task WaitUntilReadyAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        while (true)
        {
            using HttpResponseMessage answer = await Http.GetAsync("/health/ready", limit.Token);
            if (answer.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(20, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        if (_owned is not null)
        {
            await _owned.DisposeAsync();
        }
    }

    private sealed class App : WebApplicationFactory<Program>
    {
        private readonly IReadOnlyList<KeyValuePair<string, string?>> _settings;
        private readonly Action<IServiceCollection>? _replace;

        public App(IReadOnlyList<KeyValuePair<string, string?>> settings, Action<IServiceCollection>? replace)
        {
            _settings = settings;
            _replace = replace;
            UseKestrel(0);
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            // Static assets are found beside the sources in Development only.
            builder.UseEnvironment(Environments.Development);
            builder.UseSetting("urls", "http://127.0.0.1:0");
            foreach ((string key, string? value) in _settings)
            {
                builder.UseSetting(key, value);
            }

            builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(new TestOutputLog()));

            // A page or a stream that a test left open must not hold its end.
            builder.ConfigureTestServices(services =>
            {
                services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
                services.AddSingleton<ShowSetUpLink>(_ => { });
                _replace?.Invoke(services);
            });
        }
    }
}
