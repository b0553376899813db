namespace LlmEval.Bench.Streams;

/// <summary>Takes the chunk framing out of a response body, in place, across any split of the bytes.</summary>
internal struct Dechunker
{
    private int _size;
    private int _left;
    private State _state;

    private enum State : byte
    {
        Size,
        Data,
        End,
    }

    /// <summary>The zero-length chunk came: the server ended the body properly.</summary>
    public bool IsOver { get; private set; }

    /// <returns>How many bytes of body stand at the front afterwards.</returns>
    public int Strip(Span<byte> bytes)
    {
        int read = 0;
        int written = 0;
        while (read < bytes.Length && !IsOver)
        {
            switch (_state)
            {
                case State.Size:
                    ReadSize(bytes[read++]);
                    break;
                case State.Data:
                    int count = Math.Min(_left, bytes.Length - read);
                    bytes.Slice(read, count).CopyTo(bytes[written..]);
                    read += count;
                    written += count;
                    _left -= count;
                    _state = _left == 0 ? State.End : State.Data;
                    break;
                default:
                    if (bytes[read++] == (byte)'\n')
                    {
                        _state = State.Size;
                    }

                    break;
            }
        }

        return written;
    }

    private void ReadSize(byte next)
    {
        if (next == (byte)'\n')
        {
            IsOver = _size == 0;
            _left = _size;
            _size = 0;
            _state = State.Data;
        }
        else if (char.IsAsciiHexDigit((char)next))
        {
            _size = (_size * 16) + Convert.ToInt32(((char)next).ToString(), 16);
        }
    }
}
