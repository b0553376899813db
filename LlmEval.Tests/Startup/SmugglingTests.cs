using System.Net;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Startup;

/// <summary>
/// What a proxy in front might read otherwise than this server does: requests whose end the two could see in different places.
/// Such a request gets one answer at most, and the connection ends, so that nothing behind it is ever taken for another's request.
/// </summary>
public sealed class SmugglingTests(SmugglingTests.Server running) : IClassFixture<SmugglingTests.Server>
{
    private const string Body = """{"trace_id":"whole","model_name":"m","user_query":"q","ai_response":"a"}""";

    private const string Post = "POST /webhook/trace HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

    /// <summary>What an attacker hides behind the end of their own request.</summary>
    private const string Hidden =
        Post + "Content-Length: 74\r\n\r\n"
        + """{"trace_id":"hidden","model_name":"m","user_query":"q","ai_response":"aa"}""";

    /// <summary>Long enough to be sure that no second answer comes; the answers themselves take milliseconds.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    private static readonly string Chunk = $"{Body.Length:x}";

    private static readonly string Chunks = $"{Chunk}\r\n{Body}\r\n0\r\n\r\n";

    /// <summary>Header lines after those that every request has, and the body.</summary>
    private static readonly Dictionary<string, (string Headers, string Body)> Requests = new()
    {
        ["both lengths, whole by chunks"] = ($"Content-Length: {Body.Length}\r\nTransfer-Encoding: chunked\r\n", Chunks),
        ["both lengths, chunks first"] = ($"Transfer-Encoding: chunked\r\nContent-Length: {Body.Length}\r\n", Chunks),
        ["both lengths, a hidden request by length"] =
            ($"Content-Length: {Hidden.Length + 5}\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ["two lengths"] = ($"Content-Length: {Body.Length}\r\nContent-Length: 0\r\n", Body),
        ["two lengths, the shorter first"] = ($"Content-Length: 0\r\nContent-Length: {Body.Length}\r\n", Body),
        ["two lengths in a line"] = ($"Content-Length: {Body.Length}, 0\r\n", Body),
        ["the same length twice"] = ($"Content-Length: {Body.Length}\r\nContent-Length: {Body.Length}\r\n", Body),
        ["a length below nothing"] = ("Content-Length: -1\r\n", Body),
        ["a length in hexadecimals"] = ("Content-Length: 0x48\r\n", Body),
        ["a length beyond all numbers"] = ("Content-Length: 99999999999999999999\r\n", Body),
        ["an encoding nobody knows"] = ("Transfer-Encoding: chunked, identity\r\n", Chunks),
        ["an encoding that only looks like chunks"] = ("Transfer-Encoding: xchunked\r\n", Chunks),
        ["two encodings"] = ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", Chunks),
        ["a chunk size that is none"] = ("Transfer-Encoding: chunked\r\n", $"zz\r\n{Body}\r\n0\r\n\r\n"),
        ["a chunk size with a sign"] = ("Transfer-Encoding: chunked\r\n", $"+{Chunk}\r\n{Body}\r\n0\r\n\r\n"),
        ["a chunk size with a prefix"] = ("Transfer-Encoding: chunked\r\n", $"0x{Chunk}\r\n{Body}\r\n0\r\n\r\n"),
        ["a chunk size below nothing"] = ("Transfer-Encoding: chunked\r\n", $"-1\r\n{Body}\r\n0\r\n\r\n"),
        ["a chunk size beyond all numbers"] = ("Transfer-Encoding: chunked\r\n", $"1{new string('0', 16)}{Chunk}\r\n{Body}\r\n0\r\n\r\n"),
        ["a chunk size ended by a line feed"] = ("Transfer-Encoding: chunked\r\n", $"{Chunk}\n{Body}\r\n0\r\n\r\n"),
        ["a chunk longer than its size"] = ("Transfer-Encoding: chunked\r\n", $"5\r\n{Body}\r\n0\r\n\r\n"),
        ["a chunk ended by a line feed"] = ("Transfer-Encoding: chunked\r\n", $"{Chunk}\r\n{Body}\n0\r\n\r\n"),
        ["a chunk extension with a line feed"] = ("Transfer-Encoding: chunked\r\n", $"{Chunk};a\n{Body}\r\n0\r\n\r\n"),
        ["a chunk extension with a line feed inside"] = ("Transfer-Encoding: chunked\r\n", $"{Chunk};a\nb\r\n{Body}\r\n0\r\n\r\n"),
        ["a chunk extension with a carriage return"] = ("Transfer-Encoding: chunked\r\n", $"{Chunk};a\rb\r\n{Body}\r\n0\r\n\r\n"),
        ["a last chunk's extension with a line feed"] = ("Transfer-Encoding: chunked\r\n", $"{Chunk}\r\n{Body}\r\n0;a\n\r\n\r\n"),
        ["a space before the colon"] = ($"Content-Length : {Body.Length}\r\n", Body),
        ["a space before the colon of the encoding"] = ($"Content-Length: {Body.Length}\r\nTransfer-Encoding : chunked\r\n", Body),
        ["a line that goes on in the next"] = ($"X-A: b\r\n Transfer-Encoding: chunked\r\nContent-Length: {Body.Length}\r\n", Body),
        ["a first header that goes on with a tab"] = ($"X-A: b\r\n\tc\r\nContent-Length: {Body.Length}\r\n", Body),
        ["a line without a name"] = ($": b\r\nContent-Length: {Body.Length}\r\n", Body),
        ["a line without a colon"] = ($"X-A\r\nContent-Length: {Body.Length}\r\n", Body),
        ["a carriage return in a value"] = ($"X-A: b\rTransfer-Encoding: chunked\r\nContent-Length: {Body.Length}\r\n", Body),
        ["a NUL in a value"] = ($"X-A: b\0c\r\nContent-Length: {Body.Length}\r\n", Body),
        ["a line feed as a line's end"] = ($"X-A: b\nContent-Length: {Body.Length}\r\n", Body),
        ["a line feed before an encoding"] = ($"Content-Length: {Body.Length}\r\nX-A: b\nTransfer-Encoding: chunked\r\n", Body),
        ["two hosts"] = ($"Host: evil.example\r\nContent-Length: {Body.Length}\r\n", Body),
    };

    public static TheoryData<string> Names => [.. Requests.Keys];

    [Theory, MemberData(nameof(Names))]
    public async Task ARequestWhoseEndIsInDoubtIsRefusedAndTheConnectionEnds(string name)
    {
        (string headers, string body) = Requests[name];

        RawAnswers answers = await SendAsync($"{Post}{headers}\r\n{body}{Hidden}");

        await AssertNothingIsStoredAsync();
        Assert.Equal([400], answers.Statuses);
        Assert.True(answers.IsClosed, answers.Text);
    }

    /// <summary>Where the body is not read, the answer goes out before its end is looked for.</summary>
    [Theory, MemberData(nameof(Names))]
    public async Task AnEndpointThatReadsNoBodyAnswersOnceToo(string name)
    {
        (string headers, string body) = Requests[name];

        RawAnswers answers = await SendAsync($"GET /health/live HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n{body}{Hidden}");

        await AssertNothingIsStoredAsync();
        Assert.Single(answers.Statuses);
        Assert.True(answers.IsClosed, answers.Text);
    }

    [Theory]
    [InlineData("POST /webhook/trace HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n", 400)]
    [InlineData("POST  /webhook/trace HTTP/1.1\r\nHost: localhost\r\n\r\n", 400)]
    [InlineData("POST /webhook/trace HTTP/1.1 \r\nHost: localhost\r\n\r\n", 400)]
    [InlineData("POST /webhook/trace HTTP/1.2\r\nHost: localhost\r\n\r\n", 505)]
    [InlineData("POST /webhook/trace\r\nHost: localhost\r\n\r\n", 400)]
    [InlineData("POST /webhook/trace HTTP/1.1\r\n\r\n", 400)]
    [InlineData("POST http://evil.example/webhook/trace HTTP/1.1\r\nHost: localhost\r\n\r\n", 400)]
    public async Task ARequestLineInDoubtIsRefused(string request, int status)
    {
        RawAnswers answers = await SendAsync(request + Hidden);

        await AssertNothingIsStoredAsync();
        Assert.Equal([status], answers.Statuses);
        Assert.True(answers.IsClosed, answers.Text);
    }

    [Fact]
    public async Task TooManyOrTooLongHeadersAreRefused()
    {
        string many = string.Concat(Enumerable.Range(0, 101).Select(i => $"X-{i}: a\r\n"));
        foreach (string headers in (string[])[many, $"X-A: {new string('a', 33 * 1024)}\r\n"])
        {
            RawAnswers answers = await SendAsync($"GET /health/live HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n{Hidden}");

            Assert.Equal([431], answers.Statuses);
            Assert.True(answers.IsClosed, answers.Text);
        }

        RawAnswers line = await SendAsync($"GET /health/live?{new string('a', 9 * 1024)} HTTP/1.1\r\nHost: localhost\r\n\r\n{Hidden}");
        Assert.Equal([414], line.Statuses);
        Assert.True(line.IsClosed, line.Text);
        await AssertNothingIsStoredAsync();
    }

    /// <summary>That the tests above can fail: what is behind a request without doubt is another, and answered.</summary>
    [Fact]
    public async Task TwoRequestsWithoutDoubtGetTwoAnswers()
    {
        await using TestServer own = await TestServer.StartAsync(DatabaseKind.Sqlite);

        RawAnswers answers = await RawConnection.SendAsync(
            own.Url,
            $"{Post}Transfer-Encoding: chunked\r\n\r\n{Chunk};a=b\r\n{Body}\r\n0\r\n\r\n{Hidden}",
            Quiet);

        Assert.Equal([200, 200], answers.Statuses);
        Assert.False(answers.IsClosed);
        Assert.Equal(2, (await own.StatsAsync()).GetProperty("total_traces").GetInt32());
    }

    private Task<RawAnswers> SendAsync(string text) => RawConnection.SendAsync(running.Test.Url, text, Quiet);

    /// <summary>Nothing was made of the hidden request; one that was is taken away again, since the tests share a server.</summary>
    private async Task AssertNothingIsStoredAsync()
    {
        using HttpResponseMessage answer = await running.Test.Http.DeleteAsync("/api/traces/hidden", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    public sealed class Server : IAsyncLifetime
    {
        internal TestServer Test { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Test = await TestServer.StartAsync(DatabaseKind.Sqlite);

        public ValueTask DisposeAsync() => Test.DisposeAsync();
    }
}
