using System.Net.Sockets;
using System.Text;
using LlmEval.Core.Access;
using LlmEval.Tests.Access;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Ingestion;

/// <summary>Senders that begin a body and do not come to its end.</summary>
public class SlowBodyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/webhook/trace")]
    [InlineData("/webhook/batch")]
    [InlineData("/api/evaluations")]
    public async Task ABodyHasFiveMinutes(string path)
    {
        await using var clock = new RunningClock(SomeTrace.Now);
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite, replace: clock.Replace);
        using TcpClient sender = await BeginAsync(server, path, "application/json");

        Task<string> answer = ReadAsync(sender);
        while (!answer.IsCompleted)
        {
            await Task.Delay(20, Cancel);
            clock.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.StartsWith("HTTP/1.1 408", await answer, StringComparison.Ordinal);
        Assert.Contains("within 5 minutes", await answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABodyThatComesTooSlowlyIsToldSoInOurWords()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        using TcpClient sender = await BeginAsync(server, "/webhook/trace", "application/json");

        string answer = await ReadAsync(sender).WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("The body came too slowly. Send smaller batches", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("MinRequestBodyDataRate", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnImportEndsWithTheKeyThatItBeganWith()
    {
        await using TestServer server = await TestServer.StartAsync(DatabaseKind.Sqlite);
        NewApiKey key = await server.MakeKeyAsync(Rights.Ingest);
        using TcpClient sender = await BeginAsync(server, "/api/traces/import", "application/x-ndjson", $"X-API-Key: {key.Token}\r\n");
        Task<string> answer = ReadAsync(sender);
        await Task.Delay(100, Cancel);
        Assert.False(answer.IsCompleted);

        await server.RevokeAsync(key);

        Assert.Equal("", await answer.WaitAsync(TimeSpan.FromSeconds(20), Cancel));
    }

    /// <summary>Sends the beginning of a body, once it is asked for.</summary>
    private static async Task<TcpClient> BeginAsync(TestServer server, string path, string type, string headers = "")
    {
        var sender = new TcpClient();
        await sender.ConnectAsync(server.Url.Host, server.Url.Port, Cancel);
        NetworkStream stream = sender.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: {server.Url.Authority}\r\n{headers}Content-Type: {type}\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"),
            Cancel);
        await stream.ReadExactlyAsync(new byte["HTTP/1.1 100 Continue\r\n\r\n".Length], Cancel);
        await stream.WriteAsync("{\"trace_id\":"u8.ToArray(), Cancel);
        return sender;
    }

    /// <returns>What the server says; nothing when it breaks off.</returns>
    private static async Task<string> ReadAsync(TcpClient sender)
    {
        byte[] buffer = new byte[4096];
        try
        {
            return Encoding.ASCII.GetString(buffer, 0, await sender.GetStream().ReadAsync(buffer, Cancel));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
