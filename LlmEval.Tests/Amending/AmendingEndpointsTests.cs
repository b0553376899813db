using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Amending;

public class AmendingEndpointsTests
{
    [Theory]
    [InlineData("/api/traces/t-1", "t-1", "application/json")]
    [InlineData("/api/trace?trace_id=..%2Fa%26%22b%22%20%F0%9F%98%80", "../a&\"b\" 😀", "application/merge-patch+json")]
    public async Task ATraceIsAmendedAndDeletedUnderBothAddresses(string address, string id, string type)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.StoreAsync(id);

        (HttpStatusCode status, JsonElement body, string? tag) = await SendAsync(server, HttpMethod.Patch, address, """{"cost":0.5}""", type);
        Assert.Equal((HttpStatusCode.OK, "\"2\""), (status, tag));
        Assert.Equal((id, "pending", 2), (body.GetProperty("trace_id").GetString(), body.GetProperty("status").GetString(), body.GetProperty("version").GetInt32()));

        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(server, HttpMethod.Delete, address)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(server, HttpMethod.Delete, address)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(server, HttpMethod.Patch, address, """{"cost":1}""")).Status);
        Assert.Equal(0, (await server.StatsAsync()).GetProperty("total_traces").GetInt64());
    }

    [Fact]
    public async Task AnEscapedSlashInThePathIsASlashOfTheId()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.StoreAsync("a/b c");
        await server.StoreAsync("a%2Fb c");

        Assert.Equal("a/b c", (await server.GetAsync("/api/traces/a%2Fb%20c")).GetProperty("trace_id").GetString());
        Assert.Equal("a%2Fb c", (await server.GetAsync("/api/traces/a%252Fb%20c")).GetProperty("trace_id").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(server, HttpMethod.Delete, "/api/traces/a%2fb%20c?x=/")).Status);
        Assert.Equal("a%2Fb c", (await server.GetAsync("/api/traces")).GetProperty("items")[0].GetProperty("trace_id").GetString());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task TwoIdsAreNotTheOneWithACommaBetween(string method)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.StoreAsync("a,b");

        (HttpStatusCode status, JsonElement problem, _) = await SendAsync(
            server, new HttpMethod(method), "/api/trace?trace_id=a&trace_id=b", method == "PATCH" ? """{"cost":1}""" : null);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith("trace_id: ", problem.GetProperty("errors")[0].GetString());
    }

    [Theory]
    [EveryDatabase]
    public async Task AnIdThatNoDatabaseCanHoldIsNotFound(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);

        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(server, HttpMethod.Patch, "/api/trace?trace_id=%00", """{"cost":1}""")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(server, HttpMethod.Delete, "/api/trace?trace_id=%00")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(server, HttpMethod.Get, "/api/trace?trace_id=%00")).Status);
    }

    [Theory]
    [EveryDatabase]
    public async Task ATraceWhoseNamesOnlyDifferedInWhatCannotBeStoredIsAmendedAndCarriedOver(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        await SendAsync(server, HttpMethod.Post, "/webhook/trace", """
            {"trace_id":"t-1","model_name":"m","user_query":"q","ai_response":"a",
            "metadata":{"a\u0000":1,"a\ud83d":2},"functions_called":[{"name":"f","x\u0000":1,"x\ud800":2}]}
            """);

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(server, HttpMethod.Patch, "/api/traces/t-1", """{"cost":1}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(server, HttpMethod.Patch, "/api/traces/t-1", """{"metadata":{"a\u0000":3}}""")).Status);
        JsonElement metadata = (await server.GetAsync("/api/traces/t-1")).GetProperty("metadata");
        Assert.Equal((3, 2), (metadata.GetProperty("a\ufffd").GetInt32(), metadata.GetProperty("a\ufffd_2").GetInt32()));
        string line = await server.Http.GetStringAsync("/api/traces/export", TestContext.Current.CancellationToken);
        await using TestServer other = await TestServer.StartAsync(kind);
        using var lines = new StringContent(line, Encoding.UTF8, "application/x-ndjson");
        using HttpResponseMessage imported = await other.Http.PostAsync("/api/traces/import", lines, TestContext.Current.CancellationToken);
        Assert.Contains("\"imported\":1", await imported.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AVersionThatMovedIsAnsweredWithTheCurrentState()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.StoreAsync("t-1");

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(server, HttpMethod.Patch, "/api/traces/t-1", """{"cost":1}""", ifMatch: "\"1\"")).Status);
        (HttpStatusCode status, JsonElement body, _) = await SendAsync(server, HttpMethod.Patch, "/api/traces/t-1", """{"cost":2}""", ifMatch: "\"1\"");
        Assert.Equal((HttpStatusCode.PreconditionFailed, 2), (status, body.GetProperty("current").GetProperty("version").GetInt32()));
        (status, body, _) = await SendAsync(server, HttpMethod.Patch, "/api/traces/t-1", """{"cost":2,"expected_version":1}""");
        Assert.Equal((HttpStatusCode.Conflict, JsonValueKind.Null), (status, body.GetProperty("current").GetProperty("last_evaluation").ValueKind));
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await SendAsync(server, HttpMethod.Delete, "/api/traces/t-1", ifMatch: "\"1\"")).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(server, HttpMethod.Patch, "/api/traces/t-1", """{"cost":2}""", ifMatch: "*")).Status);
    }

    [Theory]
    [InlineData("/api/traces/t-1", """{"surprise":1}""", null, 422)]
    [InlineData("/api/traces/t-1", """{"trace_id":"t-2"}""", null, 422)]
    [InlineData("/api/traces/t-1", """{"cost":1""", null, 400)]
    [InlineData("/api/traces/t-1", "[]", null, 422)]
    [InlineData("/api/trace", "{}", null, 400)]
    [InlineData("/api/traces/t-1", "{}", "\"one\"", 400)]
    [InlineData("/api/traces/t-1", "{}", "W/\"1\"", 400)]
    public async Task WhatCannotBeAmendedIsAnsweredByItsKind(string address, string patch, string? ifMatch, int expected)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.StoreAsync("t-1");

        (HttpStatusCode status, JsonElement body, _) = await SendAsync(server, HttpMethod.Patch, address, patch, ifMatch: ifMatch);

        Assert.Equal(expected, (int)status);
        Assert.NotEmpty(body.GetProperty("errors").EnumerateArray());
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body, string? ETag)> SendAsync(
        TestServer server, HttpMethod method, string address, string? json = null, string type = "application/json", string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, type);
        if (ifMatch is not null)
        {
            Assert.True(request.Headers.TryAddWithoutValidation("If-Match", ifMatch));
        }

        using HttpResponseMessage answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        bool hasBody = answer.StatusCode != HttpStatusCode.NoContent;
        JsonElement body = hasBody ? await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken) : default;
        return (answer.StatusCode, body, answer.Headers.ETag?.Tag);
    }
}
