using System.Text.Json;
using LlmEval.Core.Ingestion.Parsing;

namespace LlmEval.Core.Ingestion;

/// <summary>Turns the JSON of one trace into what is stored, in one pass.</summary>
public static class TraceParser
{
    /// <exception cref="MalformedBodyException">The body is not JSON, not UTF-8, or has a property twice.</exception>
    public static ParsedTrace ParseTrace(ReadOnlySpan<byte> utf8, ParseContext context)
    {
        try
        {
            BodyReader body = BodyReader.Open(utf8);
            ParsedTrace trace = new TraceReading(context, null).Read(ref body);
            body.Close();
            return trace;
        }
        catch (JsonException fault)
        {
            throw MalformedBodyException.From(fault);
        }
    }
}
