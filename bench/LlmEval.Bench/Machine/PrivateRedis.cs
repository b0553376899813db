using System.Net.Sockets;
using System.Text;

namespace LlmEval.Bench.Machine;

/// <summary>A Redis server of our own on a free port that can be stopped, started and paused.</summary>
internal sealed class PrivateRedis : IDisposable
{
    private readonly string _log;
    private ChildProcess? _process;

    private PrivateRedis(string log, int port)
    {
        _log = log;
        Port = port;
    }

    public int Port { get; }

    public string Url => $"redis://127.0.0.1:{Port}";

    public static async Task<PrivateRedis> StartAsync(Scratch scratch, CancellationToken cancel)
    {
        var server = new PrivateRedis(scratch.Sub("redis.log"), Ports.Free());
        await server.StartAsync(cancel);
        return server;
    }

    public async Task StartAsync(CancellationToken cancel)
    {
        _process = ChildProcess.Start(
            _log, "redis-server", ["--port", $"{Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        await Ports.UntilOpenAsync(Port, _process, "redis-server", cancel);
    }

    public void Stop()
    {
        _process?.Dispose();
        _process = null;
    }

    /// <summary>Has it do something, as <c>redis-cli</c> would.</summary>
    public async Task OrderAsync(string command, CancellationToken cancel)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port, cancel);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), cancel);
        byte[] answer = new byte[64];
        int length = await client.GetStream().ReadAsync(answer, cancel);
        string text = Encoding.ASCII.GetString(answer, 0, length);
        BenchFailure.Unless(text.StartsWith('+'), $"Redis answered {command} with {text}");
    }

    public void Pause() => _process?.Signal(Libc.SigStop);

    public void Resume() => _process?.Signal(Libc.SigCont);

    public void Dispose() => Stop();
}
