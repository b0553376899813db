namespace LlmEval.Web.Ingestion;

/// <summary>Reads the items of a stream one after another, holding no more than one of them and a little.</summary>
/// <param name="maxItem">Bytes; a longer item is passed over.</param>
/// <param name="room">What the memory of an item counts in.</param>
internal sealed class ItemReader(Stream source, ItemSplitter splitter, int maxItem, IBodyRoom? room = null) : IDisposable
{
    private const int ReadSize = 64 * 1024;
    private const int AtLeast = 2 * ReadSize;

    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    private readonly PooledBytes _data = new(AtLeast, room is null ? null : new BeyondTheLeast(room));
    private Range _item;

    // Cut off before the next look.
    private int _next;
    private int _offset;
    private bool _final;
    private bool _begun;

    /// <summary>Bytes that an item may have.</summary>
    public int MaxItem { get; } = maxItem;

    /// <summary>The number of the current item, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Whether the current item was passed over.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>The current item; valid until the next read.</summary>
    public ReadOnlySpan<byte> Item => _data.Span[_offset..][_item];

    /// <returns>False at the end.</returns>
    /// <exception cref="InvalidDataException">The stream cannot be read on.</exception>
    /// <exception cref="BodyBudgetException"/>
    public async ValueTask<bool> NextAsync(CancellationToken cancel)
    {
        _offset += _next;
        _next = 0;
        IsTooLong = false;
        while (true)
        {
            SkipByteOrderMark();
            if (_begun && splitter.TryFind(_data.Span[_offset..], _final, out _item, out int next))
            {
                _next = next;
                Number++;
                IsTooLong |= Item.Length > MaxItem;
                return true;
            }

            if (_final)
            {
                // The last item, when all of it was dropped.
                _item = default;
                Number += IsTooLong ? 1 : 0;
                return IsTooLong;
            }

            if (_data.Length - _offset > MaxItem)
            {
                IsTooLong = true;
                _offset = _data.Length;
                splitter.Forget();
            }

            // Moved once per read rather than once per item.
            _data.Remove(_offset);
            _offset = 0;
            int read = await source.ReadAsync(_data.Room(ReadSize), cancel);
            _data.Advance(read);
            _final = read == 0;
        }
    }

    // Tools of Windows put it in front of a file.
    private void SkipByteOrderMark()
    {
        if (!_begun && (_final || _data.Length >= ByteOrderMark.Length))
        {
            _begun = true;
            _offset = _data.Span.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        }
    }

    public void Dispose() => _data.Dispose();

    /// <summary>What every import holds counts by the number of imports; in the room that all share counts what one of large items takes.</summary>
    private sealed class BeyondTheLeast(IBodyRoom room) : IBodyRoom
    {
        public bool TryTake(long bytes) => bytes <= AtLeast || room.TryTake(bytes);

        public void Return(long bytes)
        {
            if (bytes > AtLeast)
            {
                room.Return(bytes);
            }
        }
    }
}
