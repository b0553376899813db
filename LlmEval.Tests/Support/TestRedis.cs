using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace LlmEval.Tests.Support;

/// <summary>A Redis of its own for one test, which may stop, pause and restart it; gone when disposed.</summary>
internal sealed class TestRedis : IAsyncDisposable
{
    private const string Program = "redis-server";

    private readonly int _port;
    private readonly string _folder = Directory.CreateTempSubdirectory("llmeval-redis-").FullName;
    private Process? _process;

    private TestRedis(int port) => _port = port;

    /// <summary>The value of REDIS_URL.</summary>
    public string Url => $"redis://127.0.0.1:{_port}";

    public static async Task<TestRedis> StartAsync()
    {
        if (!Needs.Has(Program))
        {
            Needs.SkipOrFail($"Redis: {Program} was not found. Install it (apt-get install redis-server).");
        }

        var redis = new TestRedis(FreePort());
        await redis.ResumeAfterStopAsync();
        return redis;
    }

    /// <summary>Ends the process at once, as a crash does.</summary>
    public async Task StopAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>Starts it again, empty, on the same port.</summary>
    public async Task ResumeAfterStopAsync()
    {
        _process = Process.Start(new ProcessStartInfo(
            Program, ["--bind", "127.0.0.1", "--port", $"{_port}", "--save", "", "--appendonly", "no", "--dir", _folder])
        {
            RedirectStandardOutput = true,
        })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        for (int attempt = 0; !await AnswersAsync(); attempt++)
        {
            Assert.False(_process.HasExited || attempt > 200, $"{Program} did not start.");
            await Task.Delay(25);
        }
    }

    /// <summary>Holds the process: connections stay open and nothing answers.</summary>
    public Task PauseAsync() => SignalAsync("-STOP");

    public Task ResumeAfterPauseAsync() => SignalAsync("-CONT");

    private async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", [signal, $"{_process!.Id}"]);
        await kill.WaitForExitAsync();
    }

    private async Task<bool> AnswersAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, _port);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray());
            byte[] answer = new byte[7];
            await client.GetStream().ReadExactlyAsync(answer);
            return answer.AsSpan().SequenceEqual("+PONG\r\n"u8);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        // A held process does not die of a plain signal; KILL it does.
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
