using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Sdk;

/// <summary>The product hands out its SDKs itself.</summary>
public class SdkEndpointsTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(DatabaseKind.Sqlite);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task TheListNamesEveryFileAndHowToInstallIt()
    {
        JsonElement[] files = [.. (await _server.GetAsync("/sdk")).GetProperty("files").EnumerateArray()];

        Assert.Equal(["llm-eval-sdk", "llm-eval-sdk-1.0.0.tgz", "llm-eval-sdk.mjs", "llm_eval_sdk-1.0.0-py3-none-any.whl"], files.Select(f => Text(f, "name")));
        Assert.Equal($"npm install {_server.Url}sdk/llm-eval-sdk-1.0.0.tgz", Text(files[1], "usage"));
        Assert.Equal($"pip install {_server.Url}sdk/llm_eval_sdk-1.0.0-py3-none-any.whl", Text(files[3], "usage"));
        foreach (JsonElement file in files)
        {
            byte[] content = await _server.Http.GetByteArrayAsync(Text(file, "url"), TestContext.Current.CancellationToken);
            Assert.Equal(file.GetProperty("bytes").GetInt32(), content.Length);
            Assert.Equal(Text(file, "sha256"), Convert.ToHexStringLower(SHA256.HashData(content)));
        }
    }

    [Fact]
    public async Task BrowsersAndPipGetAPageOfLinks()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sdk");
        request.Headers.Accept.ParseAdd("text/html");

        using HttpResponseMessage answer = await SendAsync(request);

        string page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains($"<a href=\"{_server.Url}sdk/llm_eval_sdk-1.0.0-py3-none-any.whl\">", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheWheelHoldsThePackageAndItsMetadata()
    {
        await using Stream stream = await _server.Http.GetStreamAsync("/sdk/llm_eval_sdk-1.0.0-py3-none-any.whl", TestContext.Current.CancellationToken);
        await using ZipArchive wheel = await ZipArchive.CreateAsync(stream, ZipArchiveMode.Read, leaveOpen: false, entryNameEncoding: null, TestContext.Current.CancellationToken);

        string[] names = [.. wheel.Entries.Select(entry => entry.FullName)];
        Assert.Contains("llm_eval_sdk/__init__.py", names);
        Assert.Contains("llm_eval_sdk/py.typed", names);
        Assert.Contains("llm_eval_sdk-1.0.0.dist-info/RECORD", names);
        Assert.DoesNotContain(names, name => name.Contains("__pycache__", StringComparison.Ordinal) || name.Contains("test", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("llm-eval-sdk", "text/javascript")]
    [InlineData("llm-eval-sdk.mjs", "text/javascript")]
    [InlineData("llm-eval-sdk-1.0.0.tgz", "application/gzip")]
    [InlineData("llm_eval_sdk-1.0.0-py3-none-any.whl", "application/zip")]
    public async Task AFileIsSentOnceAndThenConfirmed(string name, string type)
    {
        using HttpResponseMessage first = await SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/sdk/{name}"));
        Assert.Equal(type, first.Content.Headers.ContentType!.MediaType);
        Assert.Equal("*", first.Headers.GetValues("Access-Control-Allow-Origin").Single());

        var again = new HttpRequestMessage(HttpMethod.Get, $"/sdk/{name}");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using HttpResponseMessage second = await SendAsync(again);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Theory]
    [InlineData("nothing.tgz")]
    [InlineData("..%2Fappsettings.json")]
    [InlineData("LLM-EVAL-SDK")]
    public async Task NothingElseIsServed(string name)
    {
        using HttpResponseMessage answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/sdk/{name}"));

        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _server.Http.SendAsync(request, TestContext.Current.CancellationToken);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
