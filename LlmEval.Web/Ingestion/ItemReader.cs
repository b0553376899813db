namespace LlmEval.Web.Ingestion;

/// <summary>Reads the items of a stream one after another, holding no more than one of them and a little.</summary>
/// <param name="maxItem">Bytes; a longer item is passed over.</param>
internal sealed class ItemReader(Stream source, ItemSplitter splitter, int maxItem) : IDisposable
{
    private const int ReadSize = 64 * 1024;

    private readonly PooledBytes _data = new(2 * ReadSize);
    private Range _item;

    // Cut off before the next look.
    private int _next;
    private int _offset;
    private bool _final;

    /// <summary>The number of the current item, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Whether the current item was passed over.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>The current item; valid until the next read.</summary>
    public ReadOnlySpan<byte> Item => _data.Span[_offset..][_item];

    /// <returns>False at the end.</returns>
    /// <exception cref="InvalidDataException">The stream cannot be read on.</exception>
    public async ValueTask<bool> NextAsync(CancellationToken cancel)
    {
        _offset += _next;
        _next = 0;
        IsTooLong = false;
        while (true)
        {
            if (splitter.TryFind(_data.Span[_offset..], _final, out _item, out int next))
            {
                _next = next;
                Number++;
                IsTooLong |= Item.Length > maxItem;
                return true;
            }

            if (_final)
            {
                // The last item, when all of it was dropped.
                _item = default;
                Number += IsTooLong ? 1 : 0;
                return IsTooLong;
            }

            if (_data.Length - _offset > maxItem)
            {
                IsTooLong = true;
                _offset = _data.Length;
                splitter.Forget();
            }

            // Moved once per read rather than once per item.
            _data.Remove(_offset);
            _offset = 0;
            Memory<byte> room = _data.Room(ReadSize);
            int read = await source.ReadAsync(room, cancel);
            _data.Advance(read);
            _final = read == 0;
        }
    }

    public void Dispose() => _data.Dispose();
}
