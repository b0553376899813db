using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using System.Text.Json;
using LlmEval.Tests.Support;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;

namespace LlmEval.Tests.Access;

/// <summary>
/// Every endpoint and page with values that nobody expects, in each parameter and each member of a body that it is described with:
/// a good answer or one that says what is wrong, never a mistake of ours and never none. What is added is swept without a row here.
/// </summary>
public class HostileRequestsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>As they stand in an address.</summary>
    private static readonly string[] Values =
    [
        "", "%20", "-1", "0", "1.5", "2147483648", "99999999999999999999", "1e400", "NaN", "%00", "a%00b", "%ED%A0%80", "%EF%BF%BE", "%FF", "%C0%AF", "%", "%2", "%u0041",
        "%0d%0aX-Evil:1", "..%2F..%2Fetc", "'%22%3B--", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "-99999-01-01", "2026-01-01T00:00:00%2B99:00",
        "%22open", "*", "a%20OR%20AND%20NOT%20(", "(((((((((((((((((((((((((((((((", "(a%2B)%2B%24", "%F0%9F%98%80", new('a', 3_000), new('9', 400),
    ];

    /// <summary>As they stand in JSON.</summary>
    private static readonly string[] Members =
    [
        "null", "true", "-1", "0", "1.5", "2147483648", "99999999999999999999", "1e400", "1e999999", "\"\"", "\" \"", "\"\\u0000\"", "\"a\\ud800b\"", "\"a\\ufffeb\"", "\"\\r\\nX: 1\"",
        "\"9999-12-31T23:59:59Z\"", "\"0001-01-01T00:00:00+14:00\"", "[]", "{}", "[null]", "[\"\\u0000\"]", "[{}]", "{\"\\u0000\":1}", "{\"__proto__\":{}}",
        $"\"{new string('a', 100_000)}\"", $"[{string.Join(',', Enumerable.Repeat("\"a\"", 5_000))}]", Nested(70), Nested(5_000),
    ];

    private static readonly byte[][] Bodies =
    [
        [], [0], [0xFF, 0xFE, 0x7B, 0], [0xED, 0xA0, 0x80], .. new[]
        {
            "{", "[", "null", "[]", "{}", "1", "\"a\"", "{}{}", "{\"a\":1,\"a\":2}", "/* */{}", "{\"a\":NaN}", "{\"\\ud800\":1}", Nested(64), Nested(65), Nested(100_000),
            new string('{', 60_000), string.Concat(Enumerable.Repeat("{\"a\":", 10_000)),
        }.Select(Encoding.UTF8.GetBytes),
    ];

    private static readonly string[] Types =
    [
        "application/json", "application/x-ndjson", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain",
        "application/json; charset=utf-7",
    ];

    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, EveryDatabase]
    public async Task NoParameterBreaksAnEndpointOrAPage(DatabaseKind kind)
    {
        await using TestServer server = await StartAsync(kind);
        List<(string, string)> asked = [];
        foreach ((string method, string path, string[] names) in await AddressesAsync(server))
        {
            foreach (string name in names)
            {
                asked.AddRange(Values.Select(value => (method, $"{path}?{name}={value}")));
                asked.Add((method, $"{path}?{string.Join('&', Enumerable.Repeat($"{name}=a", 600))}"));
            }
        }

        foreach (string pattern in server.Routes().SelectMany(Patterns).Where(pattern => pattern.Contains('{')))
        {
            string[] parts = pattern.Split(' ');
            asked.AddRange(from value in Values
                           where value.Length > 0
                           select (parts[0], string.Join('/', parts[1].Split('/').Select(part => part.StartsWith('{') ? value : part))));
        }

        await SweepAsync(server, asked.Select(one => (one.Item1, one.Item2, (byte[]?)null, "application/json", (string?)null)), 1_500);
    }

    [Theory, EveryDatabase]
    public async Task NoBodyBreaksAnEndpoint(DatabaseKind kind)
    {
        await using TestServer server = await StartAsync(kind);
        JsonElement document = await server.GetAsync("/openapi/v1.json");
        List<(string, string, byte[]?, string, string?)> asked = [];
        foreach (string pattern in server.Routes().Where(route => !ProductRoutes.IsPage(route)).SelectMany(ProductRoutes.Names))
        {
            string[] parts = pattern.Split(' ');
            if (parts[0] is not ("POST" or "PATCH" or "PUT"))
            {
                continue;
            }

            string path = ProductRoutes.Fill(parts[1]);
            asked.AddRange(from type in Types from body in Bodies select (parts[0], path, body, type, (string?)null));
            asked.AddRange(from body in Bodies select (parts[0], path, body, "application/json", "gzip"));
            asked.AddRange(from name in MembersOf(document, parts[0], parts[1])
                           from value in Members
                           select (parts[0], path, Encoding.UTF8.GetBytes($"{{{JsonSerializer.Serialize(name)}:{value}}}"), "application/json", (string?)null));
        }

        await SweepAsync(server, asked, 1_500);
    }

    /// <summary>Bodies that are taken, for what is set up by them. A number takes the place of the sign: what is there already is refused.</summary>
    private static readonly (string Method, string Path, string Body)[] Good =
    [
        ("POST", "/api/keys", """{"name":"a key","scopes":["read"],"expires_at":"2999-01-01T00:00:00Z"}"""),
        ("POST", "/api/projects", """{"slug":"s-#","name":"A project"}"""),
        ("POST", "/api/alert-rules", """{"name":"Dear","measure":"cost_per_hour","model_name":"m","condition":"above","threshold":5,"window_seconds":3600,"for_seconds":60,"least_samples":1,"enabled":false}"""),
        ("PUT", "/api/alert-rules/error_rate/mute", """{"until":"2999-01-01T00:00:00Z"}"""),
        ("POST", "/api/subscriptions", """{"url":"https://example.com/#","name":"A webhook","events":["trace.evaluated"],"model_name":["m"],"evaluation_status":["accepted"],"format":"json","active":false}"""),
        ("POST", "/api/evaluations", """{"trace_id":"a","status":"accepted","reason":"r","notes":"n","evaluator":"e","tags":["t"],"corrected_response":"c"}"""),
        ("PATCH", "/api/traces/a", """{"model_name":"m","user_query":"q","ai_response":"a","session_id":"s","user_id":"u","tags":["t"],"metadata":{"k":"v"},"cost":1}"""),
        ("POST", "/webhook/trace", """{"trace_id":"a","model_name":"m","user_query":"q","ai_response":"a","session_id":"s","tags":["t"],"metadata":{"k":"v"}}"""),
    ];

    [Theory, EveryDatabase]
    public async Task NoValueBreaksAnEndpointWhoseBodyIsGoodButForIt(DatabaseKind kind)
    {
        await using TestServer server = await StartAsync(kind);
        server.Http.DefaultRequestHeaders.Add("Cookie", $"llmeval-session={await server.SignInAsync(null, owner: true)}");
        foreach ((string method, string path, string body) in Good)
        {
            Assert.Null(await AskAsync(server, method, path, Encoding.UTF8.GetBytes(body.Replace('#', '0')), "application/json", null, Cancel));
        }

        int number = 0;
        List<(string, string, byte[]?, string, string?)> asked = [];
        foreach ((string method, string path, string body) in Good)
        {
            foreach (string name in JsonDocument.Parse(body).RootElement.EnumerateObject().Select(member => member.Name))
            {
                foreach (string value in Members)
                {
                    string members = string.Join(',', JsonDocument.Parse(body.Replace("#", $"{++number}", StringComparison.Ordinal)).RootElement.EnumerateObject()
                        .Select(member => $"\"{member.Name}\":{(member.Name == name ? value : member.Value.GetRawText())}"));
                    asked.Add((method, path, Encoding.UTF8.GetBytes($"{{{members}}}"), "application/json", null));
                }
            }
        }

        await SweepAsync(server, asked, 1_000, mostTraces: 50);
    }

    [Theory]
    [InlineData("/api/keys", """{"name":"a\u0000b","scopes":["read"]}""")]
    [InlineData("/api/keys", """{"name":"a\r\nb","scopes":["read"]}""")]
    [InlineData("/api/projects", """{"slug":"s","name":"a\u0000b"}""")]
    [InlineData("/api/alert-rules", """{"name":"a\u0000b","measure":"cost_per_hour","threshold":5}""")]
    [InlineData("/api/alert-rules", """{"name":"a","model_name":"a\nb","measure":"cost_per_hour","threshold":5}""")]
    [InlineData("/api/subscriptions", """{"url":"https://example.com","name":"a\u0000b"}""")]
    public async Task AControlCharacterInANameIsRefused(string path, string body)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using HttpResponseMessage answer = await server.Http.PostAsync(path, content, Cancel);

        Assert.Equal(422, (int)answer.StatusCode);
    }

    /// <summary>With a trace in it, so that there is something to find; and open to this machine, so that every question gets past the gate.</summary>
    private static async Task<TestServer> StartAsync(DatabaseKind kind)
    {
        TestServer server = await TestServer.StartAsync(kind);
        await server.StoreAsync("a");
        return server;
    }

    private static async Task SweepAsync(
        TestServer server, IEnumerable<(string Method, string Address, byte[]? Body, string Type, string? Encoding)> asked, int least, int mostTraces = 1)
    {
        ConcurrentBag<string> wrong = [];
        int count = 0;
        await Parallel.ForEachAsync(asked, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancel }, async (one, cancel) =>
        {
            Interlocked.Increment(ref count);
            if (await AskAsync(server, one.Method, one.Address, one.Body, one.Type, one.Encoding, cancel) is { } fault)
            {
                string body = one.Body is null ? "" : $" {one.Type} {one.Encoding} {Encoding.UTF8.GetString(one.Body.AsSpan(0, Math.Min(80, one.Body.Length)))}";
                wrong.Add($"{one.Method} {(one.Address.Length > 160 ? one.Address[..160] : one.Address)}{body}: {fault}");
            }
        });

        Assert.True(wrong.IsEmpty, $"{wrong.Count} of {count}:\n{string.Join('\n', wrong.Order().Take(60))}");
        Assert.True(count > least, $"Only {count} were asked.");

        // It is open still: none of them was refused for want of credentials.
        Assert.InRange((await server.StatsAsync()).GetProperty("total_traces").GetInt32(), 1, mostTraces);
    }

    /// <returns>What is wrong with the answer; null when nothing is.</returns>
    private static async Task<string?> AskAsync(
        TestServer server, string method, string address, byte[]? body, string type, string? encoding, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);

        // As it stands, with escapes that mean nothing.
        var raw = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"{server.Url.GetLeftPart(UriPartial.Authority)}{address}", raw));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
            if (encoding is not null)
            {
                request.Content.Headers.ContentEncoding.Add(encoding);
            }
        }

        try
        {
            using HttpResponseMessage answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            int status = (int)answer.StatusCode;
            if (answer.Headers.Contains("X-Evil"))
            {
                return "a header of the caller's";
            }

            // What the web server itself refuses has no body.
            string? kind = answer.Content.Headers.ContentType?.MediaType;
            bool isTold = kind is "application/problem+json" or "text/html" || answer.Content.Headers.ContentLength is 0 or null;
            return status >= 500 ? $"{status}" : status >= 400 && !isTold ? $"{status} as {kind}" : null;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            return e.Message;
        }
    }

    private static async Task<List<(string Method, string Path, string[] Names)>> AddressesAsync(TestServer server)
    {
        JsonElement document = await server.GetAsync("/openapi/v1.json");
        List<(string, string, string[])> addresses = [];
        foreach (RouteEndpoint route in server.Routes())
        {
            foreach (string pattern in Patterns(route))
            {
                string[] parts = pattern.Split(' ');
                string[] names = ProductRoutes.IsPage(route) ? OfPage(route) : OfEndpoint(document, parts[0], parts[1]);
                addresses.Add((parts[0], ProductRoutes.Fill(parts[1]), [.. names, "unheard_of"]));
            }
        }

        return addresses;
    }

    private static IEnumerable<string> Patterns(RouteEndpoint route) =>
        ProductRoutes.IsPage(route) ? [$"GET /{route.RoutePattern.RawText!.Trim('/')}"] : ProductRoutes.Names(route);

    private static string[] OfPage(RouteEndpoint route) =>
        [.. from property in route.Metadata.GetMetadata<ComponentTypeMetadata>()!.Type.GetProperties(Declared)
            let parameter = property.GetCustomAttribute<SupplyParameterFromQueryAttribute>()
            where parameter is not null
            select parameter.Name ?? property.Name];

    private static string[] OfEndpoint(JsonElement document, string method, string pattern) =>
        Operation(document, method, pattern) is { } operation && operation.TryGetProperty("parameters", out JsonElement parameters)
            ? [.. from parameter in parameters.EnumerateArray()
                  where parameter.TryGetProperty("in", out JsonElement place) && place.GetString() == "query"
                  select parameter.GetProperty("name").GetString()!]
            : [];

    private static string[] MembersOf(JsonElement document, string method, string pattern) =>
        Operation(document, method, pattern) is { } operation && operation.TryGetProperty("requestBody", out JsonElement body)
            ? [.. body.GetProperty("content").EnumerateObject().SelectMany(type => Properties(document, type.Value)).Distinct()]
            : [];

    private static IEnumerable<string> Properties(JsonElement document, JsonElement content)
    {
        if (!content.TryGetProperty("schema", out JsonElement schema))
        {
            return [];
        }

        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            schema = document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]);
        }

        return schema.TryGetProperty("properties", out JsonElement properties) ? properties.EnumerateObject().Select(p => p.Name) : [];
    }

    private static JsonElement? Operation(JsonElement document, string method, string pattern)
    {
        string path = string.Join('/', pattern.Split('/').Select(part => part.StartsWith('{') ? $"{part.Split(':')[0].TrimEnd('}')}}}" : part));
        return document.GetProperty("paths").TryGetProperty(path, out JsonElement of) && of.TryGetProperty(method.ToLowerInvariant(), out JsonElement operation)
            ? operation
            : null;
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);
}
