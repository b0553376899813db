using System.Diagnostics;
using System.Net;
using LlmEval.Core.Access;
using LlmEval.Core.Storage;
using LlmEval.Core.Traces;
using LlmEval.Core.Writing;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Writing;

/// <summary>A server that takes connections and says nothing. An SQLite file cannot do that.</summary>
public class FrozenDatabaseTests
{
    private static readonly object Meanwhile = new { trace_id = "meanwhile", model_name = "gpt-4", user_query = "q", ai_response = "a" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhoeverWritesIsToldBeforeTheDriverGivesUpAndTheSameTraceIsTakenLater()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        await using var proxy = new TestProxy(database);
        await using TestServer server = await TestServer.StartAsync(database, proxy.Settings);
        await server.StoreAsync("before");

        LlmEval.Core.Traces.Trace before = (await server.Services.GetRequiredService<TraceDetailQueries>().FindTraceAsync(Projects.Default, "before", Cancel))!;

        proxy.Freeze();
        Task<OutcomeUnknownException> changing = Assert.ThrowsAsync<OutcomeUnknownException>(() => server.Services.GetRequiredService<ITraceStore>().ApplyAsync(
            new TraceChange(before, After: null, Verdict: null, TraceEvents.Deleted(before, SomeTrace.Now)), Cancel));
        var waited = Stopwatch.StartNew();
        using HttpResponseMessage refused = await server.PostTraceAsync(Meanwhile);

        // The driver by itself takes twelve seconds.
        Assert.InRange(waited.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        await changing;

        proxy.Restore();
        await Eventually.TrueAsync(async () =>
        {
            using HttpResponseMessage answer = await server.PostTraceAsync(Meanwhile);
            return answer.IsSuccessStatusCode;
        });
        Assert.Equal("a", (await server.GetAsync("/api/traces/meanwhile")).GetProperty("ai_response").GetString());
    }
}
