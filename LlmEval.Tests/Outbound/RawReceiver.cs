using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LlmEval.Tests.Outbound;

/// <summary>Answers every connection with the same bytes, which need not be HTTP.</summary>
internal sealed class RawReceiver : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _answer;
    private readonly Task _serving;

    /// <param name="answer">One byte a character.</param>
    public RawReceiver(string answer)
    {
        _answer = Encoding.Latin1.GetBytes(answer);
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Url => $"http://{_listener.LocalEndpoint}/";

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
                await AnswerAsync(client.GetStream());
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            bool answered = false;
            while (await stream.ReadAsync(buffer, _end.Token) > 0)
            {
                if (!answered)
                {
                    answered = true;
                    await stream.WriteAsync(_answer, _end.Token);
                }
            }
        }
        catch (IOException)
        {
            // Hung up on, as such an answer deserves.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _serving;
        _listener.Dispose();
        _end.Dispose();
    }
}
