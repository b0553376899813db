using System.Buffers.Text;

namespace LlmEval.Bench.Net;

/// <summary>Just enough HTTP/1.1 to tell when an answer is complete and what its status is.</summary>
internal static class HttpAnswer
{
    /// <summary>Looks at what has arrived of one answer; answers do not overlap, as requests are not pipelined.</summary>
    /// <param name="status">0 until the head is complete.</param>
    /// <param name="bodyAt">Where the body begins.</param>
    /// <param name="closes">The server will close the connection after it.</param>
    /// <returns>Whether the answer is complete.</returns>
    public static bool IsComplete(ReadOnlySpan<byte> received, out int status, out int bodyAt, out bool closes)
    {
        status = 0;
        closes = false;
        bodyAt = received.IndexOf("\r\n\r\n"u8) + 4;
        if (bodyAt < 4)
        {
            return false;
        }

        Utf8Parser.TryParse(received[9..12], out status, out _);
        ReadOnlySpan<byte> head = received[..bodyAt];
        closes = head.IndexOf("Connection: close"u8) >= 0;
        int length = head.IndexOf("Content-Length: "u8);
        if (length >= 0)
        {
            Utf8Parser.TryParse(head[(length + 16)..], out int body, out _);
            return received.Length >= bodyAt + body;
        }

        // JSON holds no bare line ends, so this can only be the last chunk.
        return head.IndexOf("Transfer-Encoding: chunked"u8) < 0 || received.EndsWith("\r\n0\r\n\r\n"u8);
    }
}
