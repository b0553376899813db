using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LlmEval.Core.Access;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace LlmEval.Tests.Access;

public class AccessEndpointTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task AKeyIsShownOnceAndItsSecretStoredNowhere(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);

        using HttpResponseMessage made = await server.PostAsync("/api/keys", new { name = "app", scopes = new[] { "ingest", "read" } });
        JsonElement body = await made.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        string key = body.GetProperty("key").GetString()!;
        server.Http.DefaultRequestHeaders.Add("X-API-Key", (await server.MakeKeyAsync()).Token);
        string listed = await server.Http.GetStringAsync("/api/keys", Cancel);

        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Equal(key[..12], body.GetProperty("prefix").GetString());
        Assert.Contains(key[..12], listed, StringComparison.Ordinal);
        Assert.DoesNotContain(key, listed, StringComparison.Ordinal);
        await using LlmEvalDb db = await server.Services.GetRequiredService<IDbContextFactory<LlmEvalDb>>().CreateDbContextAsync(Cancel);
        ApiKey stored = await db.Set<ApiKey>().FirstAsync(k => k.Name == "app", Cancel);
        Assert.Equal(SecretToken.Hash(key), stored.Hash);
        AuditEntry line = await db.Set<AuditEntry>().FirstAsync(e => e.Action == "key.created", Cancel);
        Assert.Equal((stored.PublicId, "this machine"), (line.Subject, line.Actor));
        Assert.DoesNotContain(key[13..], line.Detail!, StringComparison.Ordinal);
    }

    [Theory]
    [EveryDatabase]
    public async Task ASecretOfWebhooksIsShownOnceReplacedAndEnded(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);

        using HttpResponseMessage made = await server.PostAsync("/api/webhook-secrets", new { });
        JsonElement first = await made.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.StartsWith("whsec_", first.GetProperty("secret").GetString(), StringComparison.Ordinal);
        using HttpResponseMessage unsigned = await server.PostAsync("/webhook/trace", new { trace_id = "t", model_name = "m", user_query = "q", ai_response = "a" });
        Assert.Equal(HttpStatusCode.Unauthorized, unsigned.StatusCode);

        using HttpResponseMessage replaced = await server.PostAsync("/api/webhook-secrets", new { replace = true });
        JsonElement second = await replaced.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        string list = await server.Http.GetStringAsync("/api/webhook-secrets", Cancel);
        JsonElement[] items = [.. JsonElement.Parse(list).GetProperty("items").EnumerateArray()];
        Assert.Equal([JsonValueKind.Null, JsonValueKind.String], items.Select(i => i.GetProperty("expires_at").ValueKind));
        Assert.DoesNotContain("whsec_", list, StringComparison.Ordinal);

        foreach (JsonElement secret in new[] { first, second })
        {
            using HttpResponseMessage ended = await server.Http.DeleteAsync($"/api/webhook-secrets/{secret.GetProperty("id")}", Cancel);
            Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        }

        using HttpResponseMessage again = await server.Http.DeleteAsync($"/api/webhook-secrets/{first.GetProperty("id")}", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        using HttpResponseMessage free = await server.PostAsync("/webhook/trace", new { trace_id = "t", model_name = "m", user_query = "q", ai_response = "a" });
        Assert.Equal(HttpStatusCode.OK, free.StatusCode);
    }

    [Theory]
    [InlineData("""{"name":"","scopes":["read"]}""", 422)]
    [InlineData("""{"name":"a","scopes":[]}""", 422)]
    [InlineData("""{"name":"a","scopes":["read","root"]}""", 422)]
    [InlineData("""{"name":"a","scopes":["read"],"expires_at":"2001-01-01T00:00:00Z"}""", 422)]
    [InlineData("""{"name":"a","scope":["read"]}""", 400)]
    [InlineData("""{"name":"a","name":"b","scopes":["read"]}""", 400)]
    [InlineData("null", 422)]
    [InlineData("[", 400)]
    public async Task AKeyThatBreaksARuleIsNotMadeAndTheServerStaysOpen(string body, int status)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using HttpResponseMessage answer = await server.Http.PostAsync("/api/keys", content, Cancel);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(0, (await server.GetAsync("/api/keys")).GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData("""{"name": "a", "scopes": ["read"], "expires_at": "tomorrow"}""", "expires_at: must be a time such as 2025-01-27T12:00:00Z")]
    [InlineData("""{"name": "a", "scopes": ["read", "write"]}""", "scopes: must name one or more of ingest, read, evaluate, admin, and nothing else")]
    [InlineData("""{"name": 1, "scopes": ["read"]}""", "name: is of the wrong type")]
    public async Task WhatIsWrongWithAKeyIsSaidWithWhatIsRight(string body, string why)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using HttpResponseMessage answer = await server.Http.PostAsync("/api/keys", content, Cancel);

        Assert.Contains(why, await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Theory, EveryDatabase]
    public async Task ProjectsKeepTheirTracesFiguresAndStreamsToThemselves(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        using HttpResponseMessage made = await server.PostAsync("/api/projects", new { slug = "other", name = "Other" });
        using HttpResponseMessage again = await server.PostAsync("/api/projects", new { slug = "other", name = "Other" });
        await using TestStream stream = await server.OpenStreamAsync("/stream/events");

        var trace = new { trace_id = "t", model_name = "m", user_query = "q", ai_response = "theirs" };
        using HttpResponseMessage theirs = await server.PostAsync("/p/other/webhook/trace", trace);
        using HttpResponseMessage ours = await server.PostAsync("/webhook/trace", trace with { ai_response = "ours", model_name = "our-model" });

        Assert.Equal((201, 422, 200, 200), ((int)made.StatusCode, (int)again.StatusCode, (int)theirs.StatusCode, (int)ours.StatusCode));
        Assert.Equal("theirs", (await server.GetAsync("/p/other/api/traces/t")).GetProperty("ai_response").GetString());
        Assert.Equal("ours", (await server.GetAsync("/api/traces/t")).GetProperty("ai_response").GetString());
        Assert.Equal(1, (await server.GetAsync("/p/other/webhook/stats")).GetProperty("total_traces").GetInt32());
        Assert.Equal(1, (await server.StatsAsync()).GetProperty("total_traces").GetInt32());
        Assert.Contains("our-model", (await stream.NextAsync("trace_updates")).Data!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APageUnderAProjectHasItsBaseAddress()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        await server.MakeProjectAsync("other");

        string page = await server.Http.GetStringAsync("/p/other/traces", Cancel);

        Assert.Contains("<base href=\"/p/other/\"", page, StringComparison.Ordinal);
        Assert.Contains("<base href=\"/\"", await server.Http.GetStringAsync("/traces", Cancel), StringComparison.Ordinal);
    }
}
