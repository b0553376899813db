using System.Collections.Concurrent;
using System.Text;
using LlmEval.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmEval.Tests.Monitoring;

public class OtlpTests
{
    [Fact]
    public async Task TheStandardVariablesNameACollectorThatGetsMetricsAndSpans()
    {
        var received = new ConcurrentQueue<(string Path, string Body)>();
        await using WebApplication collector = await StartCollectorAsync(received);
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.Single(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_SERVICE_NAME"] = "my-service",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
            ["LlmEval:Monitoring:Replica"] = "replica-a",
        });
        await server.StoreAsync("one");
        using HttpResponseMessage read = await server.Http.GetAsync("/api/traces/one?access_token=s3cret", TestContext.Current.CancellationToken);

        // Names are text within the encoding.
        await Eventually.TrueAsync(() => Got("/v1/metrics", "llmeval.ingestion.traces", "my-service", "replica-a"));
        await Eventually.TrueAsync(() => Got("/v1/traces", "/api/traces/{trace_id}", "my-service"));
        Assert.DoesNotContain(received, request => request.Body.Contains("s3cret", StringComparison.Ordinal));

        bool Got(string path, params string[] texts) =>
            received.Any(r => r.Path == path && texts.All(text => r.Body.Contains(text, StringComparison.Ordinal)));
    }

    private static async Task<WebApplication> StartCollectorAsync(ConcurrentQueue<(string Path, string Body)> received)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication collector = builder.Build();
        collector.Run(async context =>
        {
            using var body = new StreamReader(context.Request.Body, Encoding.Latin1);
            received.Enqueue((context.Request.Path, await body.ReadToEndAsync(context.RequestAborted)));
        });
        await collector.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }
}
