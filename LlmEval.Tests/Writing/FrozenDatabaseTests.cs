using System.Diagnostics;
using System.Net;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Writing;

/// <summary>A server that takes connections and says nothing. An SQLite file cannot do that.</summary>
public class FrozenDatabaseTests
{
    private static readonly object Meanwhile = new { trace_id = "meanwhile", model_name = "gpt-4", user_query = "q", ai_response = "a" };

    [Fact]
    public async Task ASenderIsToldBeforeTheDriverGivesUpAndTheSameTraceIsTakenLater()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync(DatabaseKind.Postgres);
        var address = new Uri(database.Address);
        await using var proxy = new TestProxy(address.Host, address.Port);
        await using TestServer server = await TestServer.StartAsync(database, new Dictionary<string, string?> { ["DATABASE_URL"] = proxy.Through(database.Address) });
        await server.StoreAsync("before");

        proxy.Freeze();
        var waited = Stopwatch.StartNew();
        using HttpResponseMessage refused = await server.PostTraceAsync(Meanwhile);

        // The driver by itself takes twelve seconds.
        Assert.InRange(waited.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);

        proxy.Restore();
        await Eventually.TrueAsync(async () =>
        {
            using HttpResponseMessage answer = await server.PostTraceAsync(Meanwhile);
            return answer.IsSuccessStatusCode;
        });
        Assert.Equal("a", (await server.GetAsync("/api/traces/meanwhile")).GetProperty("ai_response").GetString());
    }
}
