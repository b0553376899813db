using System.Net;
using System.Text;
using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Core.Alerts;
using LlmEval.Core.Primitives;
using LlmEval.Tests.Access;
using LlmEval.Tests.People;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Alerts;

public class AlertEndpointsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [EveryDatabase]
    public async Task ARuleIsMadeChangedMutedAndDeletedAndEachStandsInTheAuditLog(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);

        (HttpStatusCode status, JsonElement made) = await SendAsync(
            server, HttpMethod.Post, "/api/alert-rules", new { name = "Dear", measure = "cost_per_hour", threshold = 5, model_name = "gpt-4" });
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(("above", 3_600, true), (Text(made, "condition"), made.GetProperty("window_seconds").GetInt32(), made.GetProperty("enabled").GetBoolean()));
        string path = "/api/alert-rules/" + Text(made, "key");

        JsonElement changed = (await SendAsync(server, HttpMethod.Patch, path, new { threshold = 7, model_name = "" })).Body;
        Assert.Equal(("Dear", 7, JsonValueKind.Null), (Text(changed, "name"), changed.GetProperty("threshold").GetInt32(), changed.GetProperty("model_name").ValueKind));

        JsonElement muted = (await SendAsync(server, HttpMethod.Put, path + "/mute", new { until = "2999-01-01T00:00:00Z" })).Body;
        Assert.StartsWith("2999-01-01", Text(muted, "muted_until"), StringComparison.Ordinal);
        JsonElement unmuted = (await SendAsync(server, HttpMethod.Delete, path + "/mute")).Body;
        Assert.Equal(JsonValueKind.Null, unmuted.GetProperty("muted_until").ValueKind);

        string[] listed = [.. (await SendAsync(server, HttpMethod.Get, "/api/alert-rules")).Body.GetProperty("items").EnumerateArray().Select(r => Text(r, "name")!)];
        Assert.Equal(["High error rate", "Slow processing", "Many cache misses", "Database connection issues", "Dear"], listed);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(server, HttpMethod.Delete, path)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(server, HttpMethod.Delete, path)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(server, HttpMethod.Patch, path, new { threshold = 1 })).Status);

        List<AuditEntry> entries = await server.Services.AuditAsync();
        Assert.Equal(["alert.rule_made", "alert.rule_changed", "alert.muted", "alert.unmuted", "alert.rule_deleted"], entries.Select(e => e.Action));
    }

    [Theory]
    [EveryDatabase]
    public async Task AnAlertIsListedAndAcknowledgedOnce(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        AlertRule rule = SomeRule.Above(5, project: AlertRule.Server);
        DateTime now = TimeProvider.System.UtcNow();
        var alert = new Alert
        {
            Id = Guid.NewGuid(),
            RuleKey = rule.Key,
            Name = rule.Name,
            Measure = rule.Measure,
            Replica = "other:1",
            Threshold = 5,
            Value = 9,
            RaisedAt = now,
            SeenAt = now,
        };
        await server.Services.GetRequiredService<AlertTable>().WriteAsync(new AlertChange(alert, 9, now), Cancel);
        await server.Services.GetRequiredService<AlertTable>().RefreshAsync(Cancel);

        JsonElement open = Assert.Single((await SendAsync(server, HttpMethod.Get, "/api/alerts?state=open")).Body.GetProperty("items").EnumerateArray());
        Assert.Equal((rule.Name, "other:1", 9), (Text(open, "name"), Text(open, "replica"), open.GetProperty("value").GetInt32()));

        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(server, HttpMethod.Post, $"/api/alerts/{alert.Id}/acknowledge")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(server, HttpMethod.Post, $"/api/alerts/{alert.Id}/acknowledge")).Status);
        JsonElement all = Assert.Single((await SendAsync(server, HttpMethod.Get, "/api/alerts")).Body.GetProperty("items").EnumerateArray());
        Assert.Equal(JsonValueKind.String, all.GetProperty("acknowledged_at").ValueKind);
        Assert.Equal("alert.acknowledged", Assert.Single(await server.Services.AuditAsync()).Action);
    }

    [Fact]
    public async Task WhoJudgesMutesRulesOfTheProjectAndNotThoseOfTheServer()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        (_, JsonElement made) = await SendAsync(server, HttpMethod.Post, "/api/alert-rules", new { name = "Dear", measure = "cost_per_hour", threshold = 5 });
        string key = (await server.MakeKeyAsync(Rights.Evaluate)).Token;

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(server, HttpMethod.Put, $"/api/alert-rules/{Text(made, "key")}/mute", new { }, key)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(server, HttpMethod.Put, "/api/alert-rules/error_rate/mute", new { }, key)).Status);
    }

    [Theory, EveryDatabase]
    public async Task WhoAdministersAnotherProjectOnlySeesTheAlertsOfTheServer(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        Project other = await server.MakeProjectAsync("other");
        AlertTable table = server.Services.GetRequiredService<AlertTable>();
        Guid[] ids = [Guid.NewGuid(), Guid.NewGuid()];
        foreach ((Guid id, int project) in ids.Zip((int[])[AlertRule.Server, other.Id]))
        {
            AlertRule rule = SomeRule.Above(5, project: project);
            DateTime now = TimeProvider.System.UtcNow();
            await table.WriteAsync(
                new AlertChange(
                    new Alert
                    {
                        Id = id,
                        ProjectId = project,
                        RuleKey = rule.Key,
                        Name = rule.Name,
                        Measure = rule.Measure,
                        Replica = "other:1",
                        Threshold = 5,
                        Value = 9,
                        RaisedAt = now,
                        SeenAt = now,
                    },
                    9,
                    now),
                Cancel);
        }

        string stranger = (await server.MakeKeyAsync(Rights.Admin, other.Id)).Token;
        string admin = (await server.MakeKeyAsync(Rights.Admin)).Token;

        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(server, HttpMethod.Put, "/api/alert-rules/error_rate/mute", new { }, stranger)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(server, HttpMethod.Delete, "/api/alert-rules/error_rate/mute", key: stranger)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(server, HttpMethod.Post, $"/api/alerts/{ids[0]}/acknowledge", key: stranger)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(server, HttpMethod.Post, $"/api/alerts/{ids[1]}/acknowledge", key: stranger)).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(server, HttpMethod.Put, "/api/alert-rules/error_rate/mute", new { }, admin)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(server, HttpMethod.Post, $"/api/alerts/{ids[0]}/acknowledge", key: admin)).Status);
    }

    [Theory]
    [InlineData("""{}""", "measure", "threshold")]
    [InlineData("""{"measure":"weather","threshold":1,"condition":"beside"}""", "measure", "condition")]
    [InlineData("""{"name":"x","measure":"acceptance_rate","threshold":101}""", "threshold: ")]
    [InlineData("""{"name":"x","measure":"queue_depth","threshold":1,"model_name":"m","window_seconds":60}""", "model_name: ")]
    public async Task EveryFaultOfARuleIsNamed(string body, params string[] faults)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);

        using HttpResponseMessage answer = await server.Http.PostAsync("/api/alert-rules", new StringContent(body, Encoding.UTF8, "application/json"), Cancel);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        JsonElement errors = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancel)).GetProperty("errors");
        Assert.Equal(faults.Length, errors.GetArrayLength());
        Assert.All(faults.Zip(errors.EnumerateArray()), pair => Assert.StartsWith(pair.First, pair.Second.GetString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/api/alerts?state=closed", "state: ")]
    [InlineData("/api/alerts?limit=0", "limit: ")]
    [InlineData("/api/alerts?status=open", "status: ")]
    [InlineData("/api/subscriptions/1/deliveries?states=failed", "states: ")]
    public async Task AQueryThatIsNotUnderstoodIsRefusedBeforeAnythingIsListed(string path, string fault)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);

        (HttpStatusCode status, JsonElement body) = await SendAsync(server, HttpMethod.Get, path);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith(fault, Assert.Single(body.GetProperty("errors").EnumerateArray()).GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AMuteThatIsOverIsRefused()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);

        Assert.Equal(
            HttpStatusCode.UnprocessableEntity,
            (await SendAsync(server, HttpMethod.Put, "/api/alert-rules/error_rate/mute", new { until = "2001-01-01T00:00:00Z" })).Status);
    }

    private static string? Text(JsonElement body, string name) => body.GetProperty(name).GetString();

    private static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(
        TestServer server, HttpMethod method, string path, object? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (key is not null)
        {
            request.Headers.Add("X-API-Key", key);
        }

        if (body is not null)
        {
            request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        using HttpResponseMessage answer = await server.Http.SendAsync(request, Cancel);
        string text = await answer.Content.ReadAsStringAsync(Cancel);
        return (answer.StatusCode, text.Length > 0 ? JsonElement.Parse(text) : default);
    }
}
