using System.Text.Json;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Ingestion.Parsing;
using LlmEval.Core.Primitives;

namespace LlmEval.Core.Review;

/// <param name="Value">Null when there are faults.</param>
/// <param name="Faults">Every rule that is broken, each naming its field.</param>
public sealed record ParsedVerdict(Verdict? Value, IReadOnlyList<string> Faults);

/// <summary>Reads <c>{trace_id, status, reason?, notes?, tags?, corrected_response?, evaluator?, expected_version?}</c>.</summary>
public static class VerdictParser
{
    private const string TraceId = "trace_id";
    private const string Status = "status";

    private static readonly Dictionary<UInt128, string> Names = new[]
    {
        TraceId, Status, "reason", "notes", "tags", "corrected_response", "evaluator", "expected_version",
    }.ToDictionary(TraceFields.NameHash);

    /// <exception cref="MalformedBodyException">The body is not JSON, not UTF-8, or has a property twice.</exception>
    public static ParsedVerdict Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            BodyReader body = BodyReader.Open(utf8);
            ParsedVerdict verdict = Read(ref body);
            body.Close();
            return verdict;
        }
        catch (JsonException fault)
        {
            throw MalformedBodyException.From(fault);
        }
    }

    private static ParsedVerdict Read(ref BodyReader body)
    {
        var faults = new FaultList(null);
        if (body.Token != JsonTokenType.StartObject)
        {
            body.HashValue(out _);
            faults.AddWhole("must be a JSON object");
            return new ParsedVerdict(null, faults.ToList());
        }

        var verdict = new Verdict("", EvaluationStatus.Pending);
        bool hasId = false;
        bool hasStatus = false;
        ObjectWalk walk = body.EnterObject();
        while (body.NextMember(ref walk))
        {
            if (!Names.TryGetValue(walk.Name, out string? name))
            {
                string unknown = JsonText.Cut(body.Slice(walk.RawName)[1..^1]);
                FieldReader.Refuse(ref body, unknown, "is not a field of an evaluation", ref faults);
            }
            else if (body.Token != JsonTokenType.Null)
            {
                hasId |= name == TraceId;
                hasStatus |= name == Status;
                verdict = With(verdict, name, ref body, ref faults);
            }
        }

        walk.Leave();
        if (!hasId)
        {
            faults.Add(TraceId, FieldReader.Required);
        }

        if (!hasStatus)
        {
            faults.Add(Status, FieldReader.Required);
        }

        return new ParsedVerdict(faults.Any ? null : verdict, faults.ToList());
    }

    private static Verdict With(Verdict verdict, string name, ref BodyReader body, ref FaultList faults) => name switch
    {
        TraceId => verdict with { TraceId = FieldReader.TrimmedName(ref body, name, isId: true, ref faults, out _) ?? "" },
        Status => verdict with { Status = FieldReader.Status(ref body, name, ref faults) ?? default },
        "reason" => verdict with { Reason = FieldReader.Name(ref body, name, ref faults, out _) },
        "evaluator" => verdict with { Evaluator = FieldReader.Name(ref body, name, ref faults, out _) },
        "notes" => verdict with { Notes = FieldReader.Text(ref body, name, ref faults, out _) },
        "corrected_response" => verdict with { CorrectedResponse = FieldReader.Text(ref body, name, ref faults, out _) },
        "tags" => verdict with { Tags = FieldReader.Tags(ref body, name, ref faults, out _) },
        _ => verdict with { ExpectedVersion = FieldReader.Version(ref body, name, int.MaxValue, ref faults) },
    };
}
