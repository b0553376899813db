using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LlmEval.Web.Problems;

/// <summary>Writes small JSON answers by hand, with their length known beforehand: no serializer and no chunks on the hot path.</summary>
internal static class JsonAnswer
{
    private const int KeptBytes = 64 * 1024;

    /// <summary>Strict enough for <c>application/json</c>; it leaves ids readable.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    /// <param name="write">Writes the whole body, at once.</param>
    public static Task WriteAsync<TState>(
        HttpResponse response, int status, string contentType, TState state, Action<Utf8JsonWriter, TState> write)
    {
        ArrayBufferWriter<byte> buffer = _buffer ??= new ArrayBufferWriter<byte>(1_024);
        Utf8JsonWriter writer = _writer ??= new Utf8JsonWriter(buffer, Options);
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        write(writer, state);
        writer.Flush();

        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = buffer.WrittenCount;
        response.BodyWriter.Write(buffer.WrittenSpan);
        if (buffer.Capacity > KeptBytes)
        {
            _buffer = null;
            _writer = null;
        }

        return FlushAsync(response);
    }

    /// <summary>A caller that has gone away is not told.</summary>
    private static async Task FlushAsync(HttpResponse response)
    {
        try
        {
            await response.BodyWriter.FlushAsync(response.HttpContext.RequestAborted);
        }
        catch (OperationCanceledException)
        {
        }
    }
}
