using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace LlmEval.Tests.Support;

/// <summary>What a server sends back to bytes that no HTTP client would send.</summary>
/// <param name="Statuses">Of every answer, in their order.</param>
/// <param name="IsClosed">The server ended the connection by itself.</param>
internal sealed record RawAnswers(IReadOnlyList<int> Statuses, bool IsClosed, string Text);

/// <summary>Speaks to a server in bytes.</summary>
internal static partial class RawConnection
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Sends it all and reads until the server closes, or has said nothing for a while.</summary>
    /// <param name="text">One byte a character.</param>
    public static async Task<RawAnswers> SendAsync(Uri server, string text, TimeSpan quiet)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, limit.Token);
        NetworkStream stream = client.GetStream();
        var answers = new StringBuilder();
        bool isClosed;
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(text), limit.Token);
            isClosed = await ReadAsync(stream, answers, quiet, limit.Token);
        }
        catch (IOException)
        {
            // Closed with bytes unread, which resets the connection.
            isClosed = true;
        }

        string said = answers.ToString();
        int[] statuses = [.. StatusLine().Matches(said).Select(line => int.Parse(line.Groups[1].ValueSpan, CultureInfo.InvariantCulture))];
        return new RawAnswers(statuses, isClosed, said);
    }

    private static async Task<bool> ReadAsync(NetworkStream stream, StringBuilder answers, TimeSpan quiet, CancellationToken cancel)
    {
        byte[] buffer = new byte[16 * 1024];
        while (true)
        {
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            silence.CancelAfter(quiet);
            try
            {
                int read = await stream.ReadAsync(buffer, silence.Token);
                if (read == 0)
                {
                    return true;
                }

                answers.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    [GeneratedRegex(@"HTTP/1\.[01] (\d{3}) ")]
    private static partial Regex StatusLine();
}
