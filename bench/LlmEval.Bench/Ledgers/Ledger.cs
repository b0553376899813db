using LlmEval.Bench.Load;

namespace LlmEval.Bench.Ledgers;

/// <summary>
/// What was sent and what was promised, one id a line: <c>+</c> before a trace is sent, <c>=</c> after its 200 has come. Kept
/// in a file, so that a run can be looked at afterwards. For one thread.
/// </summary>
internal sealed class Ledger(string path) : IDisposable
{
    private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16);

    public string Path => path;

    public long Attempted { get; private set; }

    public long Acknowledged { get; private set; }

    public void Attempt(ReadOnlySpan<byte> id)
    {
        Attempted++;
        Write((byte)'+', id);
    }

    public void Acknowledge(ReadOnlySpan<byte> id)
    {
        Acknowledged++;
        Write((byte)'=', id);
    }

    public void Flush() => _file.Flush();

    private void Write(byte kind, ReadOnlySpan<byte> id)
    {
        Span<byte> line = stackalloc byte[TraceId.Length + 2];
        line[0] = kind;
        id.CopyTo(line[1..]);
        line[^1] = (byte)'\n';
        _file.Write(line);
    }

    public void Dispose() => _file.Dispose();
}
