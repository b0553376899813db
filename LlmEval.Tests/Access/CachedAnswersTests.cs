using System.Net;
using System.Text;
using LlmEval.Core.Access;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Access;

/// <summary>What only some may see stays in no cache (ASVS 14.3.2), and browsers come back over TLS only (3.4.1).</summary>
public class CachedAnswersTests
{
    /// <summary>Files of the package that shows the reference: the same for everybody, and asked for anew each time.</summary>
    private static readonly string[] ReferenceFiles = ["reference/scalar.js", "reference/scalar.aspnetcore.js", "reference/favicon.svg"];

    private const string Proxy = "LlmEval:Proxies:0";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryAnswerThatNeedsCredentialsIsKeptByNobodyAndSaysToUseTls()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, new Dictionary<string, string?> { [Proxy] = "127.0.0.1" });
        string owner = await server.SignInAsync(null, owner: true);
        NewApiKey key = await server.MakeKeyAsync();
        (string, string)[] callers = [("Cookie", $"__Host-llmeval-session={owner}"), ("X-API-Key", key.Token), ("X-API-Key", "evk_guessed")];
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server.Url };
        List<string> wrong = [];
        HashSet<HttpStatusCode> statuses = [];
        int asked = 0;
        foreach ((string method, string path) in NeedCredentials(server))
        {
            foreach ((string header, string value) in callers)
            {
                using HttpResponseMessage answer = await AskAsync(
                    http, method, path, (header, value), ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "203.0.113.1"));
                statuses.Add(answer.StatusCode);
                asked++;
                if (answer.Headers.CacheControl?.NoStore != true)
                {
                    wrong.Add($"{method} {path} with {header}: {answer.StatusCode}, Cache-Control {answer.Headers.CacheControl}");
                }

                if (!answer.Headers.TryGetValues("Strict-Transport-Security", out IEnumerable<string>? age) || age.Single() != "max-age=31536000")
                {
                    wrong.Add($"{method} {path} with {header}: {answer.StatusCode} without HSTS");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(asked > 150, $"Only {asked} were asked.");
        Assert.Superset(new HashSet<HttpStatusCode> { HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.Unauthorized }, statuses);
    }

    [Fact]
    public async Task WithoutTlsBrowsersAreNotToldToUseIt()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);

        using HttpResponseMessage answer = await AskAsync(server.Http, "GET", "/health/live", ("X-Forwarded-Proto", "https"));

        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
    }

    private static IEnumerable<(string Method, string Path)> NeedCredentials(TestServer server) =>
        from endpoint in server.Routes()
        where ProductRoutes.NeedsOf(endpoint) != Rights.None && !ReferenceFiles.Contains(endpoint.RoutePattern.RawText!.Trim('/'))
        from name in ProductRoutes.IsPage(endpoint) ? [$"GET /{endpoint.RoutePattern.RawText!.Trim('/')}"] : ProductRoutes.Names(endpoint)
        let parts = name.Split(' ')
        select (parts[0], ProductRoutes.Fill(parts[1]));

    private static Task<HttpResponseMessage> AskAsync(HttpClient http, string method, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (method is "POST" or "PATCH")
        {
            request.Content = new StringContent("{", Encoding.UTF8, "application/json");
        }

        return http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }
}
