using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Outbound;

public class SubscriptionEndpointsTests
{
    private static readonly Dictionary<string, string?> Private = new() { ["LlmEval:Outbound:AllowPrivateAddresses"] = "true" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [EveryDatabase]
    public async Task ASubscriptionIsMadeUsedChangedAndDeleted(DatabaseKind kind)
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        await using TestServer server = await TestServer.StartAsync(kind, Private);

        (HttpStatusCode status, JsonElement made) = await SendAsync(server, HttpMethod.Post, "", new { url = receiver.At("/hook"), events = new[] { "new_trace" } });
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.StartsWith("whsec_", made.GetProperty("secret").GetString(), StringComparison.Ordinal);
        long id = made.GetProperty("id").GetInt64();

        await server.PostTraceAsync(new { trace_id = "t-1", model_name = "m", user_query = "q", ai_response = "a" });
        await receiver.UntilAsync(1);
        JsonElement delivery = default;
        await Eventually.TrueAsync(async () =>
        {
            JsonElement items = (await SendAsync(server, HttpMethod.Get, $"/{id}/deliveries?state=delivered")).Body.GetProperty("items");
            delivery = items.EnumerateArray().FirstOrDefault();
            return delivery.ValueKind == JsonValueKind.Object;
        });
        Assert.Equal(
            ("new_trace", "t-1", 200, receiver.Requests.Single().Id),
            (delivery.GetProperty("type").GetString(), delivery.GetProperty("trace_id").GetString(), delivery.GetProperty("status_code").GetInt32(), delivery.GetProperty("webhook_id").GetString()));

        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(server, HttpMethod.Post, $"/{id}/deliveries/{delivery.GetProperty("id")}/redeliver")).Status);
        await receiver.UntilAsync(2);

        JsonElement test = (await SendAsync(server, HttpMethod.Post, $"/{id}/test")).Body;
        Assert.Equal(("test", "delivered"), (test.GetProperty("type").GetString(), test.GetProperty("state").GetString()));

        JsonElement changed = (await SendAsync(server, HttpMethod.Patch, $"/{id}", new { active = false, format = "slack" })).Body;
        Assert.Equal(
            ("paused", "slack", "new_trace", JsonValueKind.Null),
            (changed.GetProperty("state").GetString(), changed.GetProperty("format").GetString(), changed.GetProperty("events")[0].GetString(), changed.GetProperty("secret").ValueKind));
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(server, HttpMethod.Post, $"/{id}/deliveries/{delivery.GetProperty("id")}/redeliver")).Status);

        JsonElement rotated = (await SendAsync(server, HttpMethod.Post, $"/{id}/secret")).Body;
        Assert.NotEqual(made.GetProperty("secret").GetString(), rotated.GetProperty("secret").GetString());
        Assert.Equal(JsonValueKind.String, rotated.GetProperty("previous_secret_until").ValueKind);

        string list = (await SendAsync(server, HttpMethod.Get, "")).Body.GetRawText();
        Assert.Contains("/hook", list, StringComparison.Ordinal);
        Assert.DoesNotContain("whsec_", list, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(server, HttpMethod.Delete, $"/{id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(server, HttpMethod.Get, $"/{id}")).Status);
    }

    [Fact]
    public async Task WithoutTheOptionNothingInsideIsReached()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);

        (HttpStatusCode status, JsonElement problem) = await SendAsync(server, HttpMethod.Post, "", new { url = "http://localhost:1/" });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("url: localhost leads to this machine", problem.GetProperty("errors")[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("[]", 400)]
    [InlineData("null", 422)]
    [InlineData("""{"url":7}""", 400)]
    [InlineData("""{"url":"http://a","url":"http://b"}""", 400)]
    [InlineData("""{"url":"http://a","project_id":2}""", 400)]
    [InlineData("""{"URL":"http://a"}""", 400)]
    [InlineData("""{"url":"\ud83d"}""", 400)]
    [InlineData("""{"url":"http://127.0.0.1/\u0000"}""", 422)]
    [InlineData("""{"url":"http://127.0.0.1/","events":["x"]}""", 422)]
    [InlineData("""{"url":"http://127.0.0.1/","events":[null]}""", 422)]
    [InlineData("""{"url":"http://127.0.0.1/","format":"xml"}""", 422)]
    [InlineData("""{}""", 422)]
    public async Task ABodyThatCannotBeIsRefusedInWords(string body, int status)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, Private);

        using HttpResponseMessage answer = await server.Http.PostAsync(
            "/api/subscriptions", new StringContent(body, Encoding.UTF8, "application/json"), Cancel);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("""{"url":7}""", "url: is of the wrong type")]
    [InlineData("""{"URL":"http://a"}""", "URL: is not known here; known are url, name, events")]
    [InlineData("[]", "The body must be an object with url, name")]
    [InlineData("""{"url":""", "The body is not valid JSON (line 1, byte 8)")]
    public async Task WhatIsWrongWithABodyIsNamed(string body, string said)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, Private);

        using HttpResponseMessage answer = await server.Http.PostAsync("/api/subscriptions", new StringContent(body, Encoding.UTF8, "application/json"), Cancel);

        JsonElement problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.StartsWith(said, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(TestServer server, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, "/api/subscriptions" + path);
        if (body is not null)
        {
            request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        using HttpResponseMessage answer = await server.Http.SendAsync(request, Cancel);
        string text = await answer.Content.ReadAsStringAsync(Cancel);
        return (answer.StatusCode, text.Length > 0 ? JsonElement.Parse(text) : default);
    }
}
