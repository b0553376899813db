using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Monitoring;
using LlmEval.Core.Primitives;
using LlmEval.Tests.Docs;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Monitoring;

/// <summary>By themselves: whoever listens to a meter hears every server of the process.</summary>
[Collection(nameof(InstrumentTests))]
[CollectionDefinition(nameof(InstrumentTests), DisableParallelization = true)]
public partial class InstrumentTests
{
    private const string Page = "docs/monitoring.md";

    [Theory, EveryDatabase]
    public async Task WhatHappensIsCountedWhereOperatorsLook(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await using TestStream stream = await server.OpenStreamAsync("/stream/events");
        await server.StoreAsync("one");
        await server.StoreAsync("one");
        await server.StoreAsync("two");
        using HttpResponseMessage invalid = await server.PostTraceAsync(new { trace_id = "three" });
        using HttpResponseMessage conflict = await server.PostTraceAsync(new { trace_id = "two", model_name = "other", user_query = "", ai_response = "" });
        await server.GetAsync("/api/traces/one");
        await server.GetAsync("/api/traces/one");

        string text = "";
        await Eventually.TrueAsync(async () =>
        {
            // It is looked at once a second, and the first look was before the database was ready.
            text = await server.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
            return Read(text, "llmeval_database_up", "") == 1;
        });

        Assert.Equal(2, Read(text, "llmeval_ingestion_traces_total", "outcome=\"stored\""));
        Assert.Equal(1, Read(text, "llmeval_ingestion_traces_total", "outcome=\"repeated\""));
        Assert.Equal(1, Read(text, "llmeval_ingestion_traces_total", "outcome=\"conflicting\""));
        Assert.Equal(3, Read(text, "llmeval_webhook_requests_total", "outcome=\"ok\""));
        Assert.Equal(1, Read(text, "llmeval_webhook_requests_total", "outcome=\"invalid\""));
        Assert.Equal(1, Read(text, "llmeval_webhook_requests_total", "outcome=\"conflict\""));
        Assert.Equal(4, Read(text, "llmeval_ingestion_duration_seconds_count", "stage=\"total\""));
        Assert.Equal(2, Read(text, "llmeval_cache_hits_total", "") + Read(text, "llmeval_cache_misses_total", ""));
        Assert.Equal(1, Read(text, "llmeval_streams_open", "stream=\"events\""));

        JsonElement performance = default;
        await Eventually.TrueAsync(async () =>
        {
            performance = (await server.StatsAsync()).GetProperty("performance");
            return performance.GetProperty("stream_connections").GetInt32() == 1 && performance.GetProperty("errors").EnumerateObject().Count() == 2;
        });
        Assert.Equal(40, performance.GetProperty("error_rate").GetDouble());
        Assert.True(performance.GetProperty("ingestion_rate").GetDouble() > 0);
        Assert.True(performance.GetProperty("processing_latency_ms").GetProperty("p95").GetDouble() > 0);
    }

    [Fact]
    public async Task MetricsCanBeSwitchedOff()
    {
        await using TestServer server = await TestServer.StartAsync(
            DatabaseKind.Sqlite, new Dictionary<string, string?> { ["LlmEval:Monitoring:Prometheus"] = "false" });

        using HttpResponseMessage answer = await server.Http.GetAsync("/metrics", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task TheDocumentListsEveryInstrumentAndNoOther()
    {
        List<string> published = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == LlmEvalMeter.Name)
                {
                    lock (published)
                    {
                        published.Add(instrument.Name);
                    }
                }
            },
        };
        listener.Start();
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        string text = await server.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

        Match[] rows = [.. Row().Matches(Document.Read(Page).Text).Cast<Match>()];

        lock (published)
        {
            Assert.Equal(published.Distinct().Order(), rows.Select(row => row.Groups["instrument"].Value).Order());
        }

        string[] absentHere = ["llmeval_redis_up", "llmeval_ingestion_duration_seconds"];
        Assert.All(
            rows.Select(row => row.Groups["prometheus"].Value).Except(absentHere),
            name => Assert.Contains($"\n{name}{{", text, StringComparison.Ordinal));
    }

    [Fact]
    public void TheDocumentListsEveryReason() =>
        Assert.All(
            WebhookMetrics.Names.Skip(1),
            name => Assert.Contains($"\n| `{name}` |", Document.Read(Page).Text, StringComparison.Ordinal));

    [Fact]
    public void EveryOutcomeHasAName() => Assert.Equal(Enum.GetValues<WebhookOutcome>().Length, WebhookMetrics.Names.Count);

    [Fact]
    public async Task HealthNamesEveryPart()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        ProcessHistory history = server.Services.GetRequiredService<ProcessHistory>();
        await Eventually.TrueAsync(() => history.After(DateTime.MinValue).Any(s => s.Dependencies.Search is not null));

        JsonElement components = (await server.GetAsync("/health")).GetProperty("components");

        Assert.Equal(["database", "search", "intake", "events", "alerts"], components.EnumerateObject().Select(c => c.Name));
        Assert.Equal("healthy", components.GetProperty("events").GetString());
    }

    private static double Read(string text, string name, string label)
    {
        string line = text.Split('\n').Single(l => l.StartsWith(name + "{", StringComparison.Ordinal) && l.Contains(label, StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^\| `(?<instrument>llmeval\.[a-z._]+)` \| `(?<prometheus>llmeval_[a-z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
