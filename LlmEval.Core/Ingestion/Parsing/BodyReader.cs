using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace LlmEval.Core.Ingestion.Parsing;

/// <summary>
/// Reads a body once, forwards. Objects are walked with <see cref="EnterObject"/> and <see cref="NextMember"/>, which refuse a
/// property that comes twice; whatever is of no further interest goes through <see cref="HashValue(out int)"/>, so that no corner of
/// the body escapes that rule.
/// </summary>
internal ref struct BodyReader
{
    /// <summary>Bounds the recursion. Far above <see cref="TraceLimits.Depth"/>, so that the rule broken is named as the field's.</summary>
    public const int MaxDepth = 256;

    private readonly ReadOnlySpan<byte> _body;
    private readonly ParseScratch _scratch;
    private Utf8JsonReader _json;
    private int _deepest;

    private BodyReader(ReadOnlySpan<byte> body)
    {
        _body = body;
        _scratch = ParseScratch.Take();
        _json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    public readonly JsonTokenType Token => _json.TokenType;

    /// <summary>The current token as it was sent; of strings what is between the quotes.</summary>
    public readonly ReadOnlySpan<byte> Raw => _json.ValueSpan;

    /// <summary>Where the current token begins, in the body.</summary>
    public readonly int Start => (int)_json.TokenStartIndex;

    /// <summary>Where the current value token ends, in the body.</summary>
    public readonly int End => (int)_json.BytesConsumed;

    /// <summary>Moves to the first token.</summary>
    public static BodyReader Open(ReadOnlySpan<byte> body)
    {
        if (body.StartsWith("\uFEFF"u8))
        {
            body = body[3..];
        }

        if (!Utf8.IsValid(body))
        {
            throw MalformedBodyException.At(body, IndexOfInvalidUtf8(body), "not valid UTF-8");
        }

        var reader = new BodyReader(body);
        reader._json.Read();
        return reader;
    }

    /// <summary>Moves past the last token: there must be nothing else.</summary>
    public void Close() => _json.Read();

    public readonly ReadOnlySpan<byte> Slice(Range range) => _body[range];

    /// <summary>The current string without escapes, fit for any database; valid until the next call.</summary>
    public readonly ReadOnlySpan<byte> Text()
    {
        ReadOnlySpan<byte> raw = _json.ValueSpan;
        if (!_json.ValueIsEscaped)
        {
            return raw;
        }

        byte[] target = _scratch.Bytes(raw.Length);
        return target.AsSpan(0, JsonText.Unescape(raw, target, keepBroken: false, out _));
    }

    /// <summary>Moves to the next item of the array that the reader is in.</summary>
    /// <returns>False at its end.</returns>
    public bool NextItem() => _json.Read() && _json.TokenType != JsonTokenType.EndArray;

    /// <summary>Call at the beginning of an object, then <see cref="NextMember"/> until it ends.</summary>
    public readonly ObjectWalk EnterObject() => new(_scratch);

    /// <summary>Moves to the value of the next member.</summary>
    /// <returns>False at the object's end.</returns>
    public bool NextMember(ref ObjectWalk walk)
    {
        _json.Read();
        if (_json.TokenType == JsonTokenType.EndObject)
        {
            return false;
        }

        ReadOnlySpan<byte> raw = _json.ValueSpan;
        walk.RawName = new Range(Start, Start + raw.Length + 2);
        UInt128 identity;
        if (_json.ValueIsEscaped)
        {
            identity = EscapedName(raw, ref walk);
        }
        else
        {
            identity = walk.Name = CanonicalHash.Text(raw);
        }

        if (!walk.Enter(identity))
        {
            throw MalformedBodyException.At(_body, Start, $"ambiguous: duplicate property \"{JsonText.Cut(Text())}\"");
        }

        _json.Read();
        return true;
    }

    /// <summary>Walks the current value to its last token.</summary>
    /// <param name="depth">How many levels of objects and arrays it has.</param>
    public UInt128 HashValue(out int depth)
    {
        _deepest = _json.CurrentDepth;
        int outside = _deepest;
        UInt128 hash = HashValue();
        depth = _deepest - outside;
        return hash;
    }

    private UInt128 HashValue()
    {
        switch (_json.TokenType)
        {
            case JsonTokenType.String:
                return CanonicalHash.Text(Text());
            case JsonTokenType.Number:
                return CanonicalHash.Number(_json.ValueSpan, _scratch.Bytes(_json.ValueSpan.Length));
            case JsonTokenType.True:
                return CanonicalHash.True;
            case JsonTokenType.False:
                return CanonicalHash.False;
            case JsonTokenType.StartArray:
                return HashArray();
            case JsonTokenType.StartObject:
                return HashObject();
            default:
                return CanonicalHash.Null;
        }
    }

    private UInt128 HashArray()
    {
        _deepest = Math.Max(_deepest, _json.CurrentDepth + 1);
        UInt128 hash = CanonicalHash.EmptyArray;
        while (NextItem())
        {
            hash = CanonicalHash.Append(hash, HashValue());
        }

        return hash;
    }

    private UInt128 HashObject()
    {
        _deepest = Math.Max(_deepest, _json.CurrentDepth + 1);
        ObjectWalk walk = EnterObject();
        while (NextMember(ref walk))
        {
            walk.Add(HashValue());
        }

        return walk.Leave();
    }

    /// <summary>Two names that only differ in what cannot be stored are two names.</summary>
    private readonly UInt128 EscapedName(ReadOnlySpan<byte> raw, ref ObjectWalk walk)
    {
        byte[] target = _scratch.Bytes(raw.Length);
        int length = JsonText.Unescape(raw, target, keepBroken: false, out bool broken);
        walk.Name = CanonicalHash.Text(target.AsSpan(0, length));
        if (!broken)
        {
            return walk.Name;
        }

        length = JsonText.Unescape(raw, target, keepBroken: true, out _);
        return CanonicalHash.Text(target.AsSpan(0, length));
    }

    private static int IndexOfInvalidUtf8(ReadOnlySpan<byte> body)
    {
        int at = 0;
        while (at < body.Length && Rune.DecodeFromUtf8(body[at..], out _, out int length) == OperationStatus.Done)
        {
            at += length;
        }

        return Math.Min(at, body.Length);
    }
}
