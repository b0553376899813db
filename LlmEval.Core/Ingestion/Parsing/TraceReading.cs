using System.Text.Json;
using LlmEval.Core.Traces;

namespace LlmEval.Core.Ingestion.Parsing;

/// <summary>Reads one trace: its fields by their rules, and the hash of what was sent in the same pass.</summary>
/// <param name="index">The position in the batch, if it is one.</param>
internal struct TraceReading(ParseContext context, int? index)
{
    private static readonly TraceField[] RequiredFields =
        [TraceField.TraceId, TraceField.ModelName, TraceField.UserQuery, TraceField.AiResponse];

    private static readonly string[] RequiredNames =
        [TraceFields.TraceId, TraceFields.ModelName, TraceFields.UserQuery, TraceFields.AiResponse];

    private static readonly UInt128 FunctionName = TraceFields.NameHash("name");
    private static readonly UInt128 FunctionError = TraceFields.NameHash("error");

    private readonly Trace _trace = new() { TraceId = "", ContentHash = [], ModelName = "", UserQuery = "", AiResponse = "" };

    private FaultList _faults = new(index);
    private uint _sent;
    private DateTime? _timestamp;
    private Range? _metadata;
    private MetadataFields _inMetadata;
    private UnknownMembers _unknown;
    private RestoredState? _restored;

    private readonly DateTime Latest => context.ReceivedAt + TraceLimits.TimeAhead;

    /// <summary>Leaves the body at the last token of the trace.</summary>
    public ParsedTrace Read(ref BodyReader body)
    {
        int start = body.Start;
        if (body.Token != JsonTokenType.StartObject)
        {
            body.HashValue(out _);
            _faults.AddWhole("must be a JSON object");
            return new ParsedTrace(null, null, _faults.ToList());
        }

        ObjectWalk walk = body.EnterObject();
        while (body.NextMember(ref walk))
        {
            TraceField field = TraceFields.Of(walk.Name);
            if (field == TraceField.Unknown || (field == TraceField.Restored && !context.Restore))
            {
                walk.Add(ReadUnknown(ref body, walk.RawName));
            }
            else if (body.Token != JsonTokenType.Null)
            {
                _sent |= Bit(field);
                UInt128 hash = ReadField(ref body, field);
                if (field != TraceField.Restored)
                {
                    walk.Add(hash);
                }
            }
        }

        UInt128 content = walk.Leave();
        for (int i = 0; i < RequiredFields.Length; i++)
        {
            if (!WasSent(RequiredFields[i]))
            {
                _faults.Add(RequiredNames[i], FieldReader.Required);
            }
        }

        string? traceId = _trace.TraceId.Length == 0 ? null : _trace.TraceId;
        if (_faults.Any)
        {
            return new ParsedTrace(null, traceId, _faults.ToList());
        }

        Complete(in body, content);
        return new ParsedTrace(new NewTrace(_trace, body.End - start) { History = _restored?.History ?? [] }, traceId, []);
    }

    private UInt128 ReadField(ref BodyReader body, TraceField field)
    {
        UInt128 hash;
        switch (field)
        {
            case TraceField.TraceId:
                _trace.TraceId = FieldReader.TrimmedName(ref body, TraceFields.TraceId, true, ref _faults, out hash) ?? "";
                return hash;
            case TraceField.ModelName:
                _trace.ModelName = FieldReader.TrimmedName(ref body, TraceFields.ModelName, false, ref _faults, out hash) ?? "";
                return hash;
            case TraceField.UserQuery:
                _trace.UserQuery = FieldReader.Text(ref body, TraceFields.UserQuery, ref _faults, out hash) ?? "";
                return hash;
            case TraceField.AiResponse:
                _trace.AiResponse = FieldReader.Text(ref body, TraceFields.AiResponse, ref _faults, out hash) ?? "";
                return hash;
            case TraceField.SystemPrompt:
                _trace.SystemPrompt = FieldReader.Text(ref body, TraceFields.SystemPrompt, ref _faults, out hash);
                return hash;
            case TraceField.Timestamp:
                _timestamp = FieldReader.Time(ref body, TraceFields.Timestamp, Latest, ref _faults, out hash);
                return hash;
            case TraceField.TokensUsed:
                _trace.TokensUsed = FieldReader.Whole(ref body, TraceFields.TokensUsed, ref _faults, out hash);
                return hash;
            case TraceField.PromptTokens:
                _trace.PromptTokens = FieldReader.Whole(ref body, TraceFields.PromptTokens, ref _faults, out hash);
                return hash;
            case TraceField.CompletionTokens:
                _trace.CompletionTokens = FieldReader.Whole(ref body, TraceFields.CompletionTokens, ref _faults, out hash);
                return hash;
            case TraceField.ResponseTimeMs:
                _trace.ResponseTimeMs = FieldReader.Real(ref body, TraceFields.ResponseTimeMs, ref _faults, out hash);
                return hash;
            case TraceField.Cost:
                _trace.Cost = FieldReader.Money(ref body, TraceFields.Cost, ref _faults, out hash);
                return hash;
            case TraceField.SessionId:
                _trace.SessionId = FieldReader.Name(ref body, TraceFields.SessionId, ref _faults, out hash);
                return hash;
            case TraceField.UserId:
                _trace.UserId = FieldReader.Name(ref body, TraceFields.UserId, ref _faults, out hash);
                return hash;
            case TraceField.Environment:
                _trace.Environment = FieldReader.Name(ref body, TraceFields.Environment, ref _faults, out hash);
                return hash;
            case TraceField.ParentId:
                _trace.ParentId = FieldReader.Name(ref body, TraceFields.ParentId, ref _faults, out hash);
                return hash;
            case TraceField.Tags:
                _trace.Tags = FieldReader.Tags(ref body, TraceFields.Tags, ref _faults, out hash);
                return hash;
            case TraceField.Error:
                return ReadError(ref body);
            case TraceField.FunctionsCalled:
                return ReadFunctions(ref body);
            case TraceField.Metadata:
                return ReadMetadata(ref body);
            default:
                _restored = RestoredState.Read(ref body, Latest, ref _faults);
                return default;
        }
    }

    private UInt128 ReadUnknown(ref BodyReader body, Range name)
    {
        int start = body.Start;
        UInt128 hash = body.HashValue(out int depth);
        _unknown.Add(name, start..body.End);

        // It will lie one level down, in the metadata.
        if (depth >= TraceLimits.Depth)
        {
            ReadOnlySpan<byte> quoted = body.Slice(name);
            _faults.Add(JsonText.Cut(quoted[1..^1]), TooDeep(TraceLimits.Depth - 1));
        }

        return hash;
    }

    private UInt128 ReadError(ref BodyReader body)
    {
        if (body.Token is not (JsonTokenType.String or JsonTokenType.StartObject))
        {
            FieldReader.Refuse(ref body, TraceFields.Error, "must be a string or an object", ref _faults);
            return default;
        }

        int start = body.Start;
        UInt128 hash = body.HashValue(out int depth);
        if (IsNotTooDeep(TraceFields.Error, depth))
        {
            _trace.Error = KeptJson.ToText(body.Slice(start..body.End));
            _trace.HasError = true;
        }

        return hash;
    }

    private UInt128 ReadFunctions(ref BodyReader body)
    {
        if (body.Token != JsonTokenType.StartArray)
        {
            FieldReader.Refuse(ref body, TraceFields.FunctionsCalled, "must be an array of objects", ref _faults);
            return default;
        }

        int start = body.Start;
        int deepest = 0;
        UInt128 hash = CanonicalHash.EmptyArray;
        for (int i = 0; body.NextItem(); i++)
        {
            if (body.Token == JsonTokenType.StartObject)
            {
                hash = CanonicalHash.Append(hash, ReadFunction(ref body, i, ref deepest));
            }
            else
            {
                FieldReader.Refuse(ref body, $"{TraceFields.FunctionsCalled}[{i}]", "must be an object", ref _faults);
            }
        }

        if (IsNotTooDeep(TraceFields.FunctionsCalled, deepest + 1))
        {
            _trace.FunctionsCalled = KeptJson.ToText(body.Slice(start..body.End));
        }

        return hash;
    }

    private UInt128 ReadFunction(ref BodyReader body, int position, ref int deepest)
    {
        string? problem = FieldReader.Required;
        ObjectWalk walk = body.EnterObject();
        while (body.NextMember(ref walk))
        {
            if (walk.Name == FunctionName && body.Token != JsonTokenType.Null)
            {
                problem = body.Token != JsonTokenType.String ? FieldReader.NotAString
                    : body.Raw.IsEmpty ? "must not be empty"
                    : null;
            }

            if (walk.Name == FunctionError && body.Token != JsonTokenType.Null)
            {
                _trace.HasError = true;
            }

            walk.Add(body.HashValue(out int depth));
            deepest = Math.Max(deepest, depth + 1);
        }

        deepest = Math.Max(deepest, 1);
        if (problem is not null)
        {
            _faults.Add($"{TraceFields.FunctionsCalled}[{position}].name", problem);
        }

        return walk.Leave();
    }

    private UInt128 ReadMetadata(ref BodyReader body)
    {
        if (body.Token != JsonTokenType.StartObject)
        {
            FieldReader.Refuse(ref body, TraceFields.Metadata, "must be an object", ref _faults);
            return default;
        }

        int start = body.Start;
        int deepest = 0;
        ObjectWalk walk = body.EnterObject();
        while (body.NextMember(ref walk))
        {
            TraceField field = TraceFields.Of(walk.Name);
            int valueStart = body.Start;
            _inMetadata.Take(field, in body);
            walk.Add(body.HashValue(out int depth));
            deepest = Math.Max(deepest, depth);
            if (field == TraceField.Tags)
            {
                _inMetadata.TakeTags(body.Slice(valueStart..body.End));
            }
        }

        if (IsNotTooDeep(TraceFields.Metadata, deepest + 1))
        {
            _metadata = start..body.End;
        }

        return walk.Leave();
    }

    private readonly void Complete(scoped in BodyReader body, UInt128 content)
    {
        _trace.ProjectId = context.ProjectId;
        _trace.ContentHash = CanonicalHash.ToBytes(content);
        _trace.ReceivedAt = context.ReceivedAt;
        _trace.Version = 1;
        _trace.Timestamp = _timestamp ?? _restored?.ReceivedAtTime ?? context.ReceivedAt;
        _trace.SessionId ??= _inMetadata.SessionId;
        _trace.UserId ??= _inMetadata.UserId;
        _trace.Environment ??= _inMetadata.Environment;
        _trace.ParentId ??= _inMetadata.ParentId;
        _trace.Tags ??= _inMetadata.Tags;
        _trace.TokensUsed ??= TraceLimits.SumOfTokens(_trace.PromptTokens, _trace.CompletionTokens);

        if (_unknown.Any)
        {
            _trace.Metadata = _unknown.JoinTo(in body, _metadata);
        }
        else if (_metadata is { } own)
        {
            _trace.Metadata = KeptJson.ToText(body.Slice(own));
        }

        _restored?.ApplyTo(_trace);
    }

    private bool IsNotTooDeep(string field, int depth)
    {
        if (depth > TraceLimits.Depth)
        {
            _faults.Add(field, TooDeep(TraceLimits.Depth));
        }

        return depth <= TraceLimits.Depth;
    }

    private static string TooDeep(int levels) => $"is nested deeper than {levels} levels";

    private readonly bool WasSent(TraceField field) => (_sent & Bit(field)) != 0;

    private static uint Bit(TraceField field) => 1u << (int)field;
}
