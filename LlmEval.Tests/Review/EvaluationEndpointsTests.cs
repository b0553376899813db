using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Review;

public class EvaluationEndpointsTests
{
    [Theory, EveryDatabase]
    public async Task AVerdictIsAnsweredWithTheNewStateAndItsEntry(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await server.StoreAsync("t-1");

        using HttpResponseMessage answer = await server.PostAsync(
            "/api/evaluations", new { trace_id = "t-1", status = "rejected", reason = "wrong", tags = new[] { "a" }, evaluator = "ann", expected_version = 1 });

        JsonElement body = await ReadAsync(answer, HttpStatusCode.OK);
        Assert.Equal("True t-1 rejected 2", Members(body, "success", "trace_id", "status", "version"));
        Assert.Equal(
            "rejected pending 2 ann wrong [\"a\"]", Members(body.GetProperty("evaluation"), "status", "previous_status", "version", "evaluator", "reason", "tags"));
        Assert.Equal("\"2\"", answer.Headers.ETag!.Tag);
        Assert.Equal(0, (await server.StatsAsync()).GetProperty("pending_evaluation").GetInt64());
    }

    [Theory, EveryDatabase]
    public async Task WhoComesSecondIsToldWhereTheTraceStands(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await server.StoreAsync("t-1");

        HttpResponseMessage[] answers = await Task.WhenAll(
            server.PostAsync("/api/evaluations", new { trace_id = "t-1", status = "accepted", evaluator = "ann", expected_version = 1 }),
            server.PostAsync("/api/evaluations", new { trace_id = "t-1", status = "rejected", evaluator = "bob", expected_version = 1 }));

        HttpResponseMessage won = answers.Single(a => a.StatusCode == HttpStatusCode.OK);
        HttpResponseMessage lost = answers.Single(a => a.StatusCode == HttpStatusCode.Conflict);
        JsonElement stands = await ReadAsync(won, HttpStatusCode.OK);
        JsonElement problem = await ReadAsync(lost, HttpStatusCode.Conflict);
        JsonElement current = problem.GetProperty("current");
        Assert.Equal("application/problem+json", lost.Content.Headers.ContentType!.MediaType);
        Assert.Equal(Members(stands, "trace_id", "status", "version"), Members(current, "trace_id", "status", "version"));
        Assert.Equal(stands.GetProperty("evaluation").ToString(), current.GetProperty("last_evaluation").ToString());
        Assert.False(problem.GetProperty("success").GetBoolean());
    }

    [Fact]
    public async Task TheVersionThatWasSeenMayBeNamedInTheHeaderToo()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.StoreAsync("t-1");
        const string Accepted = """{"trace_id":"t-1","status":"accepted"}""";

        Assert.Equal(HttpStatusCode.PreconditionFailed, await StatusAsync(Accepted, "\"7\""));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(Accepted, "W/\"1\""));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await StatusAsync("""{"trace_id":"t-1","status":"accepted","expected_version":1}""", "\"7\""));
        Assert.Equal("pending", (await server.GetAsync("/api/traces/t-1")).GetProperty("evaluation_status").GetString());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Accepted, "\"1\""));

        async Task<HttpStatusCode> StatusAsync(string json, string ifMatch)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/evaluations") { Content = new StringContent(json, Encoding.UTF8, "application/json") };
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
            using HttpResponseMessage answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
    }

    /// <summary>Nobody knows then whether it was saved, and sent again it may be there twice.</summary>
    [Theory, EveryDatabase]
    public async Task AVerdictThatWasOnItsWayWhenTheDatabaseWentIsNotCalledSafeToRepeat(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind, replace: UnansweredStore.Replace);
        await server.StoreAsync("t-1");

        using HttpResponseMessage answer = await server.PostAsync("/api/evaluations", new { trace_id = "t-1", status = "accepted" });

        JsonElement problem = await ReadAsync(answer, HttpStatusCode.ServiceUnavailable);
        Assert.Equal("unknown", problem.GetProperty("outcome").GetString());
        Assert.DoesNotContain("safe", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal("accepted", (await server.GetAsync("/api/traces/t-1")).GetProperty("evaluation_status").GetString());
    }

    [Fact]
    public async Task WhatCannotBeSavedIsAnsweredByItsKind()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("""{"trace_id":"no","status":"accepted"}"""));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await StatusAsync("""{"trace_id":"no","status":"good"}"""));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync("""{"trace_id":"no","status":"""));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await StatusAsync("""{"trace_id":"no","status":"accepted"}""", "text/plain"));

        async Task<HttpStatusCode> StatusAsync(string json, string type = "application/json")
        {
            using HttpResponseMessage answer = await server.Http.PostAsync(
                "/api/evaluations", new StringContent(json, Encoding.UTF8, type), TestContext.Current.CancellationToken);
            Assert.False((await ReadAsync(answer, answer.StatusCode)).GetProperty("success").GetBoolean());
            return answer.StatusCode;
        }
    }

    private static string Members(JsonElement of, params string[] names) => string.Join(' ', names.Select(name => of.GetProperty(name).ToString()));

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer, HttpStatusCode expected)
    {
        Assert.Equal(expected, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }
}
