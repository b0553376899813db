using LlmEval.Bench.Load;

namespace LlmEval.Bench.Ledgers;

/// <summary>
/// What was sent and what was promised, one id a line: <c>+</c> before a trace is sent, with what it says as a hash; <c>=</c> after its 200
/// has come. Kept in a file, so that a run can be looked at afterwards. For one thread.
/// </summary>
internal sealed class Ledger(string path) : IDisposable
{
    private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16);

    public string Path => path;

    public long Attempted { get; private set; }

    public long Acknowledged { get; private set; }

    /// <param name="content">By <see cref="TraceContent"/>.</param>
    public void Attempt(ReadOnlySpan<byte> id, ReadOnlySpan<byte> content)
    {
        Attempted++;
        Write((byte)'+', id, content);
    }

    public void Acknowledge(ReadOnlySpan<byte> id)
    {
        Acknowledged++;
        Write((byte)'=', id, content: default);
    }

    public void Flush() => _file.Flush();

    private void Write(byte kind, ReadOnlySpan<byte> id, ReadOnlySpan<byte> content)
    {
        Span<byte> line = stackalloc byte[TraceId.Length + TraceContent.Length + 3];
        line[0] = kind;
        id.CopyTo(line[1..]);
        int end = 1 + id.Length;
        if (content.Length > 0)
        {
            line[end] = (byte)' ';
            content.CopyTo(line[(end + 1)..]);
            end += 1 + content.Length;
        }

        line[end] = (byte)'\n';
        _file.Write(line[..(end + 1)]);
    }

    public void Dispose() => _file.Dispose();
}
