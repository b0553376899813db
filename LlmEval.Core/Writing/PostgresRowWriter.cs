using System.Buffers.Binary;
using System.Text;

namespace LlmEval.Core.Writing;

/// <summary>
/// Writes an array of rows in PostgreSQL's binary form: what <c>array_recv</c> and <c>record_recv</c> read. The driver's own way goes
/// field by field through converters chosen at run time, twice (once for the size), and took as long as parsing the trace.
/// </summary>
internal sealed class PostgresRowWriter
{
    private const int Null = -1;
    private const int KeptBytes = 1 << 20;

    private byte[] _bytes = new byte[64 * 1024];
    private int _length;
    private int _rowStart;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    /// <summary>Forgets what was written before and begins an array.</summary>
    /// <param name="rowType">The oid of the rows' type.</param>
    public void BeginArray(uint rowType, int rows)
    {
        _length = 0;
        if (_bytes.Length > KeptBytes)
        {
            _bytes = new byte[KeptBytes];
        }

        WriteArrayHead(rowType, rows);
    }

    public void BeginRow(int fields)
    {
        _rowStart = _length;
        WriteInt32(0);
        WriteInt32(fields);
    }

    public void EndRow() => EndLength(_rowStart);

    public void Add(int value)
    {
        WriteHead(PostgresOid.Int4, sizeof(int));
        WriteInt32(value);
    }

    public void Add(short value)
    {
        WriteHead(PostgresOid.Int2, sizeof(short));
        BinaryPrimitives.WriteInt16BigEndian(Room(sizeof(short)), value);
    }

    public void Add(long? value)
    {
        if (!WriteNull(PostgresOid.Int8, value is null))
        {
            WriteHead(PostgresOid.Int8, sizeof(long));
            WriteInt64(value!.Value);
        }
    }

    public void Add(bool value)
    {
        WriteHead(PostgresOid.Bool, 1);
        Room(1)[0] = value ? (byte)1 : (byte)0;
    }

    public void Add(double? value)
    {
        if (!WriteNull(PostgresOid.Float8, value is null))
        {
            WriteHead(PostgresOid.Float8, sizeof(double));
            WriteInt64(BitConverter.DoubleToInt64Bits(value!.Value));
        }
    }

    /// <param name="value">In UTC.</param>
    public void Add(DateTime value)
    {
        WriteHead(PostgresOid.TimestampTz, sizeof(long));
        WriteInt64((value.Ticks - PostgresOid.Epoch.Ticks) / TimeSpan.TicksPerMicrosecond);
    }

    public void Add(decimal? value)
    {
        if (!WriteNull(PostgresOid.Numeric, value is null))
        {
            WriteInt32((int)PostgresOid.Numeric);
            int start = BeginLength();
            PostgresNumeric.Write(value!.Value, Room(PostgresNumeric.MaxLength), out int unused);
            _length -= unused;
            EndLength(start);
        }
    }

    public void Add(ReadOnlySpan<byte> value)
    {
        WriteHead(PostgresOid.Bytea, value.Length);
        value.CopyTo(Room(value.Length));
    }

    public void Add(string? value) => Add(PostgresOid.Text, value);

    /// <param name="utf8">Text, encoded already.</param>
    public void AddText(byte[]? utf8)
    {
        if (!WriteNull(PostgresOid.Text, utf8 is null))
        {
            WriteHead(PostgresOid.Text, utf8!.Length);
            utf8.CopyTo(Room(utf8.Length));
        }
    }

    public void AddJson(string? value) => Add(PostgresOid.Json, value);

    public void Add(string[]? values)
    {
        if (WriteNull(PostgresOid.TextArray, values is null))
        {
            return;
        }

        WriteInt32((int)PostgresOid.TextArray);
        int start = BeginLength();
        WriteArrayHead(PostgresOid.Text, values!.Length);
        foreach (string value in values)
        {
            WriteText(value);
        }

        EndLength(start);
    }

    private void Add(uint type, string? value)
    {
        if (!WriteNull(type, value is null))
        {
            WriteInt32((int)type);
            WriteText(value!);
        }
    }

    private void WriteText(string value)
    {
        int start = BeginLength();
        Span<byte> room = Room(Encoding.UTF8.GetMaxByteCount(value.Length));
        _length -= room.Length - Encoding.UTF8.GetBytes(value, room);
        EndLength(start);
    }

    // Dimensions, whether there are nulls, the type, the length and the first index. An empty array has no dimension.
    private void WriteArrayHead(uint type, int length)
    {
        WriteInt32(length == 0 ? 0 : 1);
        WriteInt32(0);
        WriteInt32((int)type);
        if (length > 0)
        {
            WriteInt32(length);
            WriteInt32(1);
        }
    }

    private void WriteHead(uint type, int length)
    {
        WriteInt32((int)type);
        WriteInt32(length);
    }

    private bool WriteNull(uint type, bool isNull)
    {
        if (isNull)
        {
            WriteHead(type, Null);
        }

        return isNull;
    }

    private int BeginLength()
    {
        int start = _length;
        WriteInt32(0);
        return start;
    }

    private void EndLength(int start) => BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(start), _length - start - sizeof(int));

    private void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Room(sizeof(int)), value);

    private void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Room(sizeof(long)), value);

    private Span<byte> Room(int length)
    {
        if (_bytes.Length - _length < length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(2L * _bytes.Length, (long)_length + length)));
        }

        Span<byte> room = _bytes.AsSpan(_length, length);
        _length += length;
        return room;
    }
}
