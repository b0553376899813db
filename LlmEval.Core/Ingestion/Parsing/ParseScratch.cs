namespace LlmEval.Core.Ingestion.Parsing;

/// <summary>Memory that one parse after another works in, one per thread: a parse never waits, so it never changes threads.</summary>
internal sealed class ParseScratch
{
    private const int KeptBytes = 256 * 1024;
    private const int KeptNames = 4_096;

    [ThreadStatic]
    private static ParseScratch? _ofThread;

    private byte[] _bytes = new byte[4 * 1024];
    private UInt128[] _names = new UInt128[256];

    public int NameCount { get; private set; }

    /// <summary>The scratch of this thread, emptied: a parse that threw may have left names behind.</summary>
    public static ParseScratch Take()
    {
        ParseScratch scratch = _ofThread ??= new ParseScratch();
        scratch.NameCount = 0;
        if (scratch._bytes.Length > KeptBytes)
        {
            scratch._bytes = new byte[KeptBytes];
        }

        if (scratch._names.Length > KeptNames)
        {
            scratch._names = new UInt128[KeptNames];
        }

        return scratch;
    }

    /// <summary>At least so many bytes; valid until the next call.</summary>
    public byte[] Bytes(int length)
    {
        if (_bytes.Length < length)
        {
            _bytes = new byte[Math.Max(length, _bytes.Length * 2)];
        }

        return _bytes;
    }

    public ReadOnlySpan<UInt128> NamesFrom(int start) => _names.AsSpan(start, NameCount - start);

    public void PushName(UInt128 name)
    {
        if (NameCount == _names.Length)
        {
            Array.Resize(ref _names, NameCount * 2);
        }

        _names[NameCount++] = name;
    }

    public void PopNames(int start) => NameCount = start;
}
