using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using LlmEval.Core.Primitives;
using LlmEval.Core.Traces;

namespace LlmEval.Core.Ingestion.Parsing;

/// <summary>What an export says of a trace besides its fields: the member <c>_llmeval</c>.</summary>
internal sealed class RestoredState
{
    private const int HashBytes = 16;

    /// <summary>Leaves room for all verdicts and changes that may follow.</summary>
    private const int MostVersion = 1_000_000_000;

    private static readonly UInt128 Status = TraceFields.NameHash("status");
    private static readonly UInt128 PreviousStatus = TraceFields.NameHash("previous_status");
    private static readonly UInt128 Version = TraceFields.NameHash("version");
    private static readonly UInt128 ReceivedAt = TraceFields.NameHash("received_at");
    private static readonly UInt128 CreatedAt = TraceFields.NameHash("created_at");
    private static readonly UInt128 ContentHash = TraceFields.NameHash("content_hash");
    private static readonly UInt128 Source = TraceFields.NameHash("source");
    private static readonly UInt128 BatchId = TraceFields.NameHash("batch_id");
    private static readonly UInt128 HistoryName = TraceFields.NameHash("history");
    private static readonly UInt128 Evaluator = TraceFields.NameHash("evaluator");
    private static readonly UInt128 Reason = TraceFields.NameHash("reason");
    private static readonly UInt128 Notes = TraceFields.NameHash("notes");
    private static readonly UInt128 TagsName = TraceFields.NameHash("tags");
    private static readonly UInt128 CorrectedResponse = TraceFields.NameHash("corrected_response");
    private static readonly UInt128 Undoes = TraceFields.NameHash("undoes");

    private readonly DateTime _latest;
    private EvaluationStatus _status;
    private int? _version;
    private DateTime? _receivedAt;
    private byte[]? _contentHash;
    private string? _source;
    private string? _batchId;
    private List<RestoredEvaluation> _history = [];

    private RestoredState(DateTime latest)
    {
        _latest = latest;
    }

    public DateTime? ReceivedAtTime => _receivedAt;

    public IReadOnlyList<RestoredEvaluation> History => _history;

    /// <param name="latest">The last moment that is believed.</param>
    public static RestoredState? Read(ref BodyReader body, DateTime latest, ref FaultList faults)
    {
        if (body.Token != JsonTokenType.StartObject)
        {
            FieldReader.Refuse(ref body, TraceFields.Restored, "must be an object", ref faults);
            return null;
        }

        var state = new RestoredState(latest);
        ObjectWalk walk = body.EnterObject();
        while (body.NextMember(ref walk))
        {
            state.ReadMember(ref body, walk.Name, ref faults);
        }

        walk.Leave();
        return state;
    }

    public void ApplyTo(Trace trace)
    {
        trace.Status = _status;
        trace.Version = Math.Max(_version ?? 1, _history.Select(e => e.Version).DefaultIfEmpty(1).Max());
        trace.ReceivedAt = _receivedAt ?? trace.ReceivedAt;
        trace.ContentHash = _contentHash ?? trace.ContentHash;
        trace.Source = _source;
        trace.BatchId = _batchId;
    }

    private void ReadMember(ref BodyReader body, UInt128 name, ref FaultList faults)
    {
        if (body.Token == JsonTokenType.Null)
        {
            return;
        }

        if (name == Status)
        {
            _status = FieldReader.Status(ref body, Path("status"), ref faults) ?? default;
        }
        else if (name == Version)
        {
            _version = FieldReader.Version(ref body, Path("version"), MostVersion, ref faults);
        }
        else if (name == ReceivedAt)
        {
            _receivedAt = FieldReader.Time(ref body, Path("received_at"), _latest, ref faults, out _);
        }
        else if (name == ContentHash)
        {
            _contentHash = ReadHash(ref body, Path("content_hash"), ref faults);
        }
        else if (name == Source)
        {
            _source = FieldReader.Name(ref body, Path("source"), ref faults, out _);
        }
        else if (name == BatchId)
        {
            _batchId = FieldReader.Name(ref body, Path("batch_id"), ref faults, out _);
        }
        else if (name == HistoryName)
        {
            _history = ReadHistory(ref body, ref faults);
        }
        else
        {
            body.HashValue(out _);
        }
    }

    private List<RestoredEvaluation> ReadHistory(ref BodyReader body, ref FaultList faults)
    {
        var history = new List<RestoredEvaluation>();
        if (body.Token != JsonTokenType.StartArray)
        {
            FieldReader.Refuse(ref body, Path("history"), "must be an array of objects", ref faults);
            return history;
        }

        for (int i = 0; body.NextItem(); i++)
        {
            string path = Path($"history[{i}]");
            if (body.Token != JsonTokenType.StartObject)
            {
                FieldReader.Refuse(ref body, path, "must be an object", ref faults);
                continue;
            }

            (int last, EvaluationStatus before) = history.Count > 0 ? (history[^1].Version, history[^1].Status) : (1, EvaluationStatus.Pending);
            RestoredEvaluation read = ReadEvaluation(ref body, path, before, last + 1, ref faults);
            history.Add(read);
            if (read.Version <= last)
            {
                faults.Add($"{path}.version", $"must be more than {last}, the one before");
            }
        }

        return history;
    }

    private RestoredEvaluation ReadEvaluation(
        ref BodyReader body, string path, EvaluationStatus before, int position, ref FaultList faults)
    {
        EvaluationStatus? status = null;
        EvaluationStatus? previous = null;
        int? version = null;
        int? undoes = null;
        DateTime? createdAt = null;
        string? evaluator = null, reason = null, notes = null, corrected = null;
        string[]? tags = null;
        bool hasStatus = false, hasTime = false;
        ObjectWalk walk = body.EnterObject();
        while (body.NextMember(ref walk))
        {
            UInt128 name = walk.Name;
            if (body.Token == JsonTokenType.Null)
            {
                continue;
            }

            if (name == Status)
            {
                hasStatus = true;
                status = FieldReader.Status(ref body, $"{path}.status", ref faults);
            }
            else if (name == PreviousStatus)
            {
                previous = FieldReader.Status(ref body, $"{path}.previous_status", ref faults);
            }
            else if (name == Version)
            {
                version = FieldReader.Version(ref body, $"{path}.version", MostVersion, ref faults);
            }
            else if (name == CreatedAt)
            {
                hasTime = true;
                createdAt = FieldReader.Time(ref body, $"{path}.created_at", _latest, ref faults, out _);
            }
            else if (name == Evaluator)
            {
                evaluator = FieldReader.Name(ref body, $"{path}.evaluator", ref faults, out _);
            }
            else if (name == Reason)
            {
                reason = FieldReader.Text(ref body, $"{path}.reason", ref faults, out _);
            }
            else if (name == Notes)
            {
                notes = FieldReader.Text(ref body, $"{path}.notes", ref faults, out _);
            }
            else if (name == TagsName)
            {
                tags = FieldReader.Tags(ref body, $"{path}.tags", ref faults, out _);
            }
            else if (name == CorrectedResponse)
            {
                corrected = FieldReader.Text(ref body, $"{path}.corrected_response", ref faults, out _);
            }
            else if (name == Undoes)
            {
                undoes = FieldReader.Version(ref body, $"{path}.undoes", MostVersion, ref faults);
            }
            else
            {
                body.HashValue(out _);
            }
        }

        walk.Leave();
        if (!hasStatus)
        {
            faults.Add($"{path}.status", FieldReader.Required);
        }

        if (!hasTime)
        {
            faults.Add($"{path}.created_at", FieldReader.Required);
        }

        return new RestoredEvaluation(
            status ?? default, previous ?? before, version ?? position, createdAt ?? default, string.IsNullOrEmpty(evaluator) ? null : evaluator, reason, notes, tags, corrected, undoes);
    }

    private static byte[]? ReadHash(ref BodyReader body, string path, ref FaultList faults)
    {
        if (body.Token == JsonTokenType.String)
        {
            ReadOnlySpan<byte> text = body.Text();
            Span<byte> hash = stackalloc byte[HashBytes];
            if (text.Length == 2 * HashBytes
                && Convert.FromHexString(Encoding.UTF8.GetString(text), hash, out _, out int fromHex) == OperationStatus.Done
                && fromHex == HashBytes)
            {
                return hash.ToArray();
            }

            if (text.Length <= 2 * HashBytes
                && Base64.DecodeFromUtf8(text, hash, out _, out int written) == OperationStatus.Done
                && written == HashBytes)
            {
                return hash.ToArray();
            }
        }

        FieldReader.Refuse(ref body, path, "must be 16 bytes in hexadecimal or base64", ref faults);
        return null;
    }

    private static string Path(string member) => $"{TraceFields.Restored}.{member}";
}
