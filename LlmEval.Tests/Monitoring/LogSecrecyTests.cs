using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmEval.Tests.Monitoring;

/// <summary>The log of a server that is sent secrets in every place where they may stand holds none of them.</summary>
public class LogSecrecyTests
{
    private const string Secret = "s3cr3t-Vq8Zt1";

    [Theory, EveryDatabase]
    public async Task NothingThatCallersSendIsWrittenToTheLog(DatabaseKind kind)
    {
        using var log = new KeptLog();
        await using TestServer server = await TestServer.StartAsync(kind, replace: services => services.AddSingleton<ILoggerProvider>(log));
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Secret);
        server.Http.DefaultRequestHeaders.Add("X-API-Key", Secret);
        server.Http.DefaultRequestHeaders.Add("Cookie", $"session={Secret}");

        object trace = new { trace_id = "one", model_name = Secret, user_query = Secret, ai_response = Secret, metadata = new { password = Secret } };
        (await server.PostTraceAsync(trace)).EnsureSuccessStatusCode();
        using HttpResponseMessage invalid = await server.PostTraceAsync(new { trace_id = Secret, model_name = Secret, cost = Secret });
        using var brokenBody = new StringContent($$"""{"trace_id": "{{Secret}}", """, Encoding.UTF8, "application/json");
        using HttpResponseMessage malformed = await server.Http.PostAsync("/webhook/trace", brokenBody, TestContext.Current.CancellationToken);
        using HttpResponseMessage query = await server.Http.GetAsync($"/stream/events?access_token={Secret}&evaluation_status={Secret}", TestContext.Current.CancellationToken);
        using HttpResponseMessage missing = await server.Http.GetAsync($"/api/traces/{Secret}?q={Secret}", TestContext.Current.CancellationToken);
        (await server.PostAsync("/api/evaluations", new { trace_id = "one", status = "accepted", notes = Secret })).EnsureSuccessStatusCode();

        Assert.Equal([422, 400, 400, 404], new[] { invalid, malformed, query, missing }.Select(answer => (int)answer.StatusCode));
        Assert.NotEmpty(log.Lines);
        Assert.DoesNotContain(log.Lines, line => line.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AMistakeOfOursIsLoggedWithoutTheQuery()
    {
        using var log = new KeptLog();
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, replace: services =>
        {
            services.AddSingleton<ILoggerProvider>(log);
            services.AddSingleton<LlmEval.Core.Traces.TraceQueries>(_ => throw new ArithmeticException("a planted mistake"));
        });

        using HttpResponseMessage answer = await server.Http.GetAsync($"/api/traces?access_token={Secret}", TestContext.Current.CancellationToken);

        Assert.Equal(500, (int)answer.StatusCode);
        Assert.Contains(log.Lines, line => line.Contains("a planted mistake", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, line => line.Contains(Secret, StringComparison.Ordinal));
    }

    /// <summary>Everything that the levels in force let through, with exceptions, values and scopes.</summary>
    internal sealed class KeptLog : ILoggerProvider, ISupportExternalScope
    {
        private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public void Dispose()
        {
        }

        private sealed class Logger(KeptLog log, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => log._scopes.Push(state);

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                var line = new StringBuilder($"{logLevel} {category} {formatter(state, exception)} {exception}");
                log._scopes.ForEachScope((scope, text) => text.Append(' ').Append(scope), line);
                if (state is IEnumerable<KeyValuePair<string, object?>> values)
                {
                    line.AppendJoin(' ', values);
                }

                log.Lines.Enqueue(line.ToString());
            }
        }
    }
}
