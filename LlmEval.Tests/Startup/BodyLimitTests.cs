using System.Net;
using System.Text;
using System.Text.Json;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Startup;

/// <summary>What the web framework reads whole, and for everybody, is small.</summary>
public class BodyLimitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/sign-in", 65_536)]
    [InlineData("/join?token=x", 65_536)]
    [InlineData("/setup?token=x", 65_536)]
    [InlineData("/signin-oidc", 65_536)]
    [InlineData("/api/traces/export", 4_194_304)]
    public async Task AFormHasALimitThatIsSaid(string path, int most)
    {
        await using TestIdentityProvider provider = await TestIdentityProvider.StartAsync();
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, path == "/signin-oidc" ? provider.Settings : null);

        (HttpStatusCode status, string body) = await PostAsync(server, path, most + 1);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains($"larger than {most} bytes", JsonDocument.Parse(body).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/api/traces/export")]
    public async Task OneThatDoesNotSayItsLengthIsRefusedToo(string path)
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);

        try
        {
            (HttpStatusCode status, _) = await PostAsync(server, path, 5 * 1024 * 1024, chunked: true);

            Assert.InRange((int)status, 400, 413);
        }
        catch (HttpRequestException e) when (e.InnerException is IOException)
        {
            // The server ended the connection in the middle of it, before there was anybody to read an answer.
        }
    }

    [Fact]
    public async Task AnImportHasNone()
    {
        await using TestServer server = await TestServer.StartAsync(
            DatabaseKind.Sqlite,
            new Dictionary<string, string?>
            {
                ["LlmEval:Webhooks:MaxTraceBytes"] = "1024",
                ["LlmEval:Webhooks:MaxBatchBytes"] = "1024",
                ["LlmEval:Webhooks:MaxBytesInFlight"] = "300000000",
            });
        using var lines = new StringContent(new string('\n', 3 * 1024 * 1024), Encoding.UTF8, "application/x-ndjson");

        using HttpResponseMessage answer = await server.Http.PostAsync("/api/traces/import", lines, Cancel);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<(HttpStatusCode Status, string Body)> PostAsync(TestServer server, string path, int length, bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent("Form.Email=" + new string('a', length - "Form.Email=".Length), Encoding.UTF8, "application/x-www-form-urlencoded"),
        };
        request.Headers.TransferEncodingChunked = chunked;

        // So that the answer is not lost in a connection that the server ends while it is written to.
        request.Headers.ExpectContinue = true;
        using HttpResponseMessage answer = await server.Http.SendAsync(request, Cancel);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }
}
