using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Sdk;

/// <summary>The requests that the SDKs promise to make, made to the real server: see <c>sdk/contract</c>.</summary>
public class ContractTests
{
    [Theory, EveryDatabase]
    public async Task TheServerAnswersEveryRequestOfTheSdksAsTheContractSays(DatabaseKind kind)
    {
        await using TestServer server = await TestServer.StartAsync(kind);
        using var contract = JsonDocument.Parse(await File.ReadAllTextAsync(Repository.PathTo("sdk", "contract", "requests.json"), TestContext.Current.CancellationToken));

        // A case without an answer is about the request alone. What only reads expects an empty database.
        JsonElement[] cases = [.. contract.RootElement.GetProperty("cases").EnumerateArray().Where(c => c.TryGetProperty("server", out _)).OrderBy(Stores)];
        Assert.True(cases.Length > 15);
        foreach (JsonElement one in cases)
        {
            foreach (JsonElement before in Before(one))
            {
                Assert.Equal(200, (await SendAsync(server, before)).Status);
            }

            (int status, string body) = await SendAsync(server, one.GetProperty("request"));

            string name = one.GetProperty("name").GetString()!;
            JsonElement expected = one.GetProperty("server");
            Assert.True(status == expected.GetProperty("status").GetInt32(), $"{name}: {status} {body}");
            JsonElement answer = JsonElement.Parse(body);
            foreach (JsonProperty member in expected.GetProperty("body").EnumerateObject())
            {
                Assert.True(
                    answer.TryGetProperty(member.Name, out JsonElement value) && JsonElement.DeepEquals(member.Value, value),
                    $"{name}: {member.Name} is not {member.Value} in {body}");
            }
        }
    }

    private static bool Stores(JsonElement one) => one.GetProperty("request").GetProperty("method").GetString() != "GET" || Before(one).Any();

    private static IEnumerable<JsonElement> Before(JsonElement one) =>
        one.TryGetProperty("before", out JsonElement before) ? before.EnumerateArray() : [];

    private static async Task<(int Status, string Body)> SendAsync(TestServer server, JsonElement request)
    {
        string query = request.TryGetProperty("query", out JsonElement given)
            ? "?" + string.Join('&', given.EnumerateObject().Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value.GetString()!)}"))
            : "";
        var message = new HttpRequestMessage(new HttpMethod(request.GetProperty("method").GetString()!), request.GetProperty("path").GetString() + query);
        if (request.TryGetProperty("body", out JsonElement body))
        {
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Filled(body.GetRawText())));
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        using HttpResponseMessage answer = await server.Http.SendAsync(message, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Puts in what each SDK makes up itself.</summary>
    private static string Filled(string json) => json
        .Replace("\"$uuid\"", $"\"{Guid.NewGuid()}\"", StringComparison.Ordinal)
        .Replace("\"$time\"", "\"2025-01-27T12:00:00.000001Z\"", StringComparison.Ordinal)
        .Replace("\"$source\"", "\"some_sdk\"", StringComparison.Ordinal);
}
