using System.Buffers;
using System.Text;
using System.Text.Json;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Ingestion.Parsing;
using LlmEval.Core.Traces;

namespace LlmEval.Core.Amending;

/// <summary>
/// The fields that a caller wants changed. The rules are those of the parser: it reads a trace made of the given fields, and
/// only these are then taken over, so that what is not mentioned stays as it is stored.
/// </summary>
public sealed class TracePatch
{
    /// <summary>Patches could let metadata grow without end.</summary>
    private const int MaxMetadataBytes = 8 << 20;

    private const string ExpectedVersionField = "expected_version";

    private static readonly UInt128 ExpectedVersionName = TraceFields.NameHash(ExpectedVersionField);

    private static readonly TraceField[] Required = [TraceField.ModelName, TraceField.UserQuery, TraceField.AiResponse];

    /// <summary>The fields as they were sent, each with its name.</summary>
    private readonly Dictionary<TraceField, ReadOnlyMemory<byte>> _members = [];

    private readonly List<string> _faults = [];
    private string? _metadata;
    private string? _traceId;

    private TracePatch()
    {
    }

    /// <summary>The version that the caller has seen; null amends the trace as it stands.</summary>
    public int? ExpectedVersion { get; private set; }

    /// <summary>Nothing is given, and nothing is wrong with that.</summary>
    internal bool IsEmpty => _members.Count == 0 && _faults.Count == 0 && _traceId is null;

    /// <summary>What it gives, by name.</summary>
    internal string FieldNames => string.Join(", ", _members.Keys.Select(given => JsonNamingPolicy.SnakeCaseLower.ConvertName(given.ToString())).Order());

    internal bool Gives(TraceField field) => _members.ContainsKey(field);

    internal bool GivesNull(TraceField field) => _members.TryGetValue(field, out ReadOnlyMemory<byte> member) && member.Span.EndsWith(":null"u8);

    /// <exception cref="MalformedBodyException">It is not JSON, not UTF-8, or has a property twice.</exception>
    public static TracePatch Parse(ReadOnlySpan<byte> utf8)
    {
        var patch = new TracePatch();
        try
        {
            BodyReader body = BodyReader.Open(utf8);
            patch.Read(ref body);
            body.Close();
            return patch;
        }
        catch (JsonException fault)
        {
            throw MalformedBodyException.From(fault);
        }
    }

    /// <returns>The trace as it shall be, or every rule that is broken.</returns>
    internal (Trace? After, IReadOnlyList<string> Faults) ApplyTo(Trace before, DateTime now)
    {
        var faults = new List<string>(_faults);
        if (_traceId is not null && _traceId != before.TraceId)
        {
            faults.Add($"{TraceFields.TraceId}: cannot be changed");
        }

        byte[]? metadata = _metadata is null ? null : MergePatch.Apply(before.Metadata, _metadata);
        if (metadata?.Length > MaxMetadataBytes)
        {
            faults.Add($"{TraceFields.Metadata}: would hold more than {MaxMetadataBytes} bytes");
        }

        ParsedTrace given = TraceParser.ParseTrace(Body(before, metadata), new ParseContext(before.ProjectId, now, Restore: false));
        faults.AddRange(given.Faults);
        return faults.Count > 0 ? (null, faults) : (TraceMerge.Merge(this, before, given.Value!.Trace), []);
    }

    private void Read(ref BodyReader body)
    {
        if (body.Token != JsonTokenType.StartObject)
        {
            body.HashValue(out _);
            _faults.Add("body: must be a JSON object");
            return;
        }

        var faults = new FaultList(null);
        ObjectWalk walk = body.EnterObject();
        while (body.NextMember(ref walk))
        {
            ReadMember(ref body, ref walk, ref faults);
        }

        walk.Leave();
        _faults.AddRange(faults.ToList());
    }

    private void ReadMember(ref BodyReader body, ref ObjectWalk walk, ref FaultList faults)
    {
        TraceField field = TraceFields.Of(walk.Name);
        if (walk.Name == ExpectedVersionName)
        {
            ExpectedVersion = body.Token == JsonTokenType.Null ? null : FieldReader.Version(ref body, ExpectedVersionField, int.MaxValue, ref faults);
            return;
        }

        if (field == TraceField.TraceId)
        {
            _traceId = FieldReader.TrimmedName(ref body, TraceFields.TraceId, isId: true, ref faults, out _);
            return;
        }

        if (field is TraceField.Unknown or TraceField.Restored)
        {
            string name = JsonText.Cut(body.Slice(walk.RawName)[1..^1]);
            FieldReader.Refuse(ref body, name, "is not a field of a trace", ref faults);
            return;
        }

        int start = body.Start;
        bool isObject = body.Token == JsonTokenType.StartObject;
        body.HashValue(out _);
        ReadOnlySpan<byte> value = body.Slice(start..body.End);
        if (field == TraceField.Metadata && isObject)
        {
            _metadata = KeptJson.ToText(value);
        }

        byte[] member = [.. body.Slice(walk.RawName), (byte)':', .. value];
        _members.Add(field, member);
    }

    /// <summary>
    /// A trace with the given fields. What a trace must have, but is not given, has a stand-in; the two fields that decide over
    /// <c>has_error</c> come together.
    /// </summary>
    private ReadOnlySpan<byte> Body(Trace before, byte[]? metadata)
    {
        var body = new ArrayBufferWriter<byte>();
        body.Write("{\"trace_id\":\"x\""u8);
        foreach (TraceField field in Required)
        {
            if (!Gives(field))
            {
                Add(body, NameOf(field), "\"x\"");
            }
        }

        foreach ((TraceField field, ReadOnlyMemory<byte> member) in _members)
        {
            if (field == TraceField.Metadata && metadata is not null)
            {
                body.Write(",\"metadata\":"u8);
                body.Write(metadata);
            }
            else
            {
                body.Write(","u8);
                body.Write(member.Span);
            }
        }

        AddUnlessGiven(body, TraceField.Error, before.Error);
        AddUnlessGiven(body, TraceField.FunctionsCalled, before.FunctionsCalled);
        body.Write("}"u8);
        return body.WrittenSpan;
    }

    private void AddUnlessGiven(ArrayBufferWriter<byte> body, TraceField field, string? json)
    {
        if (json is not null && !Gives(field))
        {
            Add(body, NameOf(field), json);
        }
    }

    private static void Add(ArrayBufferWriter<byte> body, string name, string json) => body.Write(Encoding.UTF8.GetBytes($",\"{name}\":{json}"));

    private static string NameOf(TraceField field) => field switch
    {
        TraceField.ModelName => TraceFields.ModelName,
        TraceField.UserQuery => TraceFields.UserQuery,
        TraceField.AiResponse => TraceFields.AiResponse,
        TraceField.Error => TraceFields.Error,
        TraceField.FunctionsCalled => TraceFields.FunctionsCalled,
        _ => throw new ArgumentOutOfRangeException(nameof(field)),
    };
}
