using System.Net;
using System.Text;

namespace LlmEval.E2E.Deployment;

/// <summary>Answers each request with what a proxy said of its caller.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _answering;

    private EchoServer(int port, HttpStatusCode status)
    {
        Port = port;
        _listener.Prefixes.Add($"http://*:{port}/");
        _listener.Start();
        _answering = AnswerAsync(status);
    }

    public int Port { get; }

    public static EchoServer Start(HttpStatusCode status) => new(Support.ServerProcess.FreePort(), status);

    private async Task AnswerAsync(HttpStatusCode status)
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            context.Response.StatusCode = (int)status;
            context.Response.Headers["Retry-After"] = "7";
            context.Response.Close(
                Encoding.UTF8.GetBytes($"{context.Request.Headers["X-Forwarded-For"]} {context.Request.Headers["X-Forwarded-Proto"]}"), willBlock: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _answering;
    }
}
