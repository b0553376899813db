using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Web.Access;
using LlmEval.Web.Ingestion;
using LlmEval.Web.Limits;
using LlmEval.Web.Problems;
using LlmEval.Web.Reference;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmEval.Tests.Support;

/// <summary>A real server with nothing but the webhooks and the import, on a port of its own.</summary>
internal sealed class IngestionServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private IngestionServer(WebApplication app, FakeIntake intake, LogKeeper log)
    {
        _app = app;
        Intake = intake;
        Log = log.Messages;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public FakeIntake Intake { get; }

    public HttpClient Http { get; }

    /// <summary>Warnings and worse.</summary>
    public ConcurrentQueue<string> Log { get; }

    public static async Task<IngestionServer> StartAsync(int queueTraces = 100_000, Action<WebhookOptions>? configure = null)
    {
        var intake = new FakeIntake(queueTraces);
        var log = new LogKeeper();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(intake.Queue);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.Configure<WebhookOptions>(options => configure?.Invoke(options));
        builder.Services.AddSingleton<BodyBudget>();
        builder.Services.AddSingleton<BodyShares>();
        builder.Services.AddLimits(builder.Configuration);
        builder.Services.AddReference();
        WebApplication app = builder.Build();
        app.UseMiddleware<ProblemMiddleware>();
        app.Use((context, next) =>
        {
            context.Features.Set(new Caller(CallerKind.Open, "a test", Projects.Default, Rights.All));
            return next(context);
        });
        app.MapWebhooks();
        app.MapImport();
        app.MapReference();
        await app.StartAsync();
        return new IngestionServer(app, intake, log);
    }

    public Task<Answer> PostAsync(string path, string json) => PostAsync(path, Encoding.UTF8.GetBytes(json));

    public async Task<Answer> PostAsync(string path, byte[] body, string? type = "application/json", params string[] encodings)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        foreach (string encoding in encodings)
        {
            content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        }

        return await Answer.ReadAsync(await Http.PostAsync(path, content, TestContext.Current.CancellationToken));
    }

    public async Task<Answer> PostChunkedAsync(string path, byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TransferEncodingChunked = true;
        return await Answer.ReadAsync(await Http.SendAsync(request, TestContext.Current.CancellationToken));
    }

    public static byte[] Gzip(string text) => Gzip(Encoding.UTF8.GetBytes(text));

    /// <param name="times">How often they follow one another.</param>
    public static byte[] Gzip(byte[] bytes, int times = 1)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int i = 0; i < times; i++)
            {
                gzip.Write(bytes);
            }
        }

        return packed.ToArray();
    }

    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        await Intake.DisposeAsync();
    }

    internal sealed record Answer(int Status, string? Type, string Body, HttpResponseHeaders Headers)
    {
        public JsonElement Json => JsonDocument.Parse(Body).RootElement;

        public string[] Errors => [.. Json.GetProperty("errors").EnumerateArray().Select(error => error.GetString()!)];

        public static async Task<Answer> ReadAsync(HttpResponseMessage response) => new(
            (int)response.StatusCode,
            response.Content.Headers.ContentType?.MediaType,
            await response.Content.ReadAsStringAsync(),
            response.Headers);
    }

    private sealed class LogKeeper : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Messages { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Messages.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
