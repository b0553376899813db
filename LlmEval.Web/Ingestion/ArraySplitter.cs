using System.Buffers;

namespace LlmEval.Web.Ingestion;

/// <summary>
/// A JSON array: its elements are cut at commas outside of strings and brackets. Whether an element is valid is for the parser
/// to say, so brackets are only counted here.
/// </summary>
internal sealed class ArraySplitter : ItemSplitter
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"[]{},"u8);

    private State _state = State.BeforeArray;
    private int _itemStart;
    private int _depth;
    private bool _inString;
    private bool _escaped;
    private bool _afterComma;

    private enum State
    {
        BeforeArray,
        BeforeItem,
        InItem,
        AfterArray,
    }

    public override void Forget()
    {
        base.Forget();
        _itemStart = 0;
    }

    protected override bool Find(ReadOnlySpan<byte> data, bool final, out Range item, out int next)
    {
        int at = Scanned;
        while (at < data.Length)
        {
            if (_state == State.InItem)
            {
                if (FindEnd(data, ref at))
                {
                    item = _itemStart..at;
                    next = at + 1;
                    _afterComma = data[at] == ',';
                    _state = _afterComma ? State.BeforeItem : State.AfterArray;
                    return true;
                }
            }
            else
            {
                Step(data, ref at);
            }
        }

        if (final && _state != State.AfterArray)
        {
            throw new InvalidDataException("the array is cut short");
        }

        item = default;
        next = data.Length;
        return false;
    }

    private void Step(ReadOnlySpan<byte> data, ref int at)
    {
        byte b = data[at];
        if (b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            at++;
        }
        else if (_state == State.BeforeArray)
        {
            if (b != '[')
            {
                throw new InvalidDataException("expected a JSON array");
            }

            _state = State.BeforeItem;
            at++;
        }
        else if (_state == State.AfterArray)
        {
            throw new InvalidDataException("something follows the array");
        }
        else if (b == ']' && !_afterComma)
        {
            _state = State.AfterArray;
            at++;
        }
        else if (b is (byte)',' or (byte)']')
        {
            throw new InvalidDataException("an element of the array is missing");
        }
        else
        {
            _state = State.InItem;
            _itemStart = at;
        }
    }

    /// <summary>Moves on to the comma or bracket behind the item.</summary>
    private bool FindEnd(ReadOnlySpan<byte> data, ref int at)
    {
        while (at < data.Length)
        {
            if (_inString)
            {
                PassString(data, ref at);
                continue;
            }

            int found = data[at..].IndexOfAny(Structure);
            if (found < 0)
            {
                at = data.Length;
                return false;
            }

            at += found;
            switch (data[at])
            {
                case (byte)'"':
                    _inString = true;
                    break;
                case (byte)'[' or (byte)'{':
                    _depth++;
                    break;
                case (byte)',' when _depth == 0:
                case (byte)']' when _depth == 0:
                    return true;
                case (byte)']' or (byte)'}':
                    _depth = Math.Max(0, _depth - 1);
                    break;
            }

            at++;
        }

        return false;
    }

    private void PassString(ReadOnlySpan<byte> data, ref int at)
    {
        if (_escaped)
        {
            _escaped = false;
            at++;
            return;
        }

        int found = data[at..].IndexOfAny((byte)'"', (byte)'\\');
        if (found < 0)
        {
            at = data.Length;
            return;
        }

        at += found;
        _escaped = data[at] == '\\';
        _inString = _escaped;
        at++;
    }
}
