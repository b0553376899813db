using System.Text;
using LlmEval.Core.Ingestion;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Ingestion;

public sealed class MalformedBodyTests
{
    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("{")]
    [InlineData("{\"trace_id\":\"a\"")]
    [InlineData("{\"trace_id\":\"a\"}}")]
    [InlineData("{\"trace_id\":\"a\"} x")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":-Infinity}")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":1.}")]
    [InlineData("{\"a\":+1}")]
    [InlineData("{/* no */}")]
    [InlineData("{} // no")]
    [InlineData("{'a':1}")]
    [InlineData("{a:1}")]
    [InlineData("{\"a\":\"\n\"}")]
    [InlineData("{\"a\":\"\\x\"}")]
    [InlineData("{\"a\":\"\\u12\"}")]
    [InlineData("trace_id=a&cost=1")]
    public void WhatIsNotJsonIsMalformed(string body) =>
        Assert.StartsWith("not valid JSON", Malformed(Encoding.UTF8.GetBytes(body)).Message);

    [Theory]
    [InlineData("{\"a\":1,\"a\":1}")]
    [InlineData("{\"trace_id\":\"x\",\"trace_id\":\"x\"}")]
    [InlineData("{\"trace_id\":\"x\",\"trace\\u005fid\":\"x\"}")]
    [InlineData("{\"trace_id\":null,\"trace_id\":\"x\"}")]
    [InlineData("{\"metadata\":{\"a\":{\"b\":1,\"c\":[{\"d\":1,\"d\":2}]}}}")]
    [InlineData("{\"metadata\":{\"user_id\":1,\"user_id\":2}}")]
    [InlineData("{\"functions_called\":[{\"name\":\"a\",\"name\":\"a\"}]}")]
    [InlineData("{\"error\":{\"a\":1,\"a\":1}}")]
    [InlineData("{\"extra\":[[{\"\":1,\"\":1}]]}")]
    [InlineData("{\"cost\":{\"a\":1,\"a\":1}}")]
    [InlineData("{\"extra\":{\"\\ud800\":1,\"\\ud800\":1}}")]
    public void ADuplicatePropertyIsMalformedWhereverItIs(string body) =>
        Assert.StartsWith("ambiguous: duplicate property", Malformed(Encoding.UTF8.GetBytes(body)).Message);

    [Fact]
    public void ADuplicateIsFoundAmongManyNames()
    {
        IEnumerable<string> names = Enumerable.Range(0, 100_000).Select(i => $"\"n{i}\":0");

        Assert.Empty(SomeTrace.Parse(("metadata", $"{{{string.Join(",", names)}}}")).Faults);
        Assert.Contains("\"n40\"", Malformed(Encoding.UTF8.GetBytes($"{{{string.Join(",", names)},\"n40\":1}}")).Message);
    }

    [Fact]
    public void TheSameNameInDifferentObjectsIsNoDuplicate() =>
        Assert.Empty(SomeTrace.Parse(("metadata", """{"a":{"a":1},"b":[{"a":1},{"a":1}],"trace_id":1}""")).Faults);

    [Fact]
    public void TheMessageSaysWhere()
    {
        Assert.Equal("ambiguous: duplicate property \"a\" (line 3, byte 3)", Malformed("{\n \"a\": 1,\n  \"a\": 2}"u8.ToArray()).Message);
        Assert.EndsWith(" (line 2, byte 3)", Malformed("{\n  nope}"u8.ToArray()).Message);
    }

    [Theory]
    [InlineData("", "not valid JSON: The input does not contain any JSON tokens (line 1, byte 1)")]
    [InlineData("{\"a\":1,}", "not valid JSON: The JSON object contains a trailing comma at the end which is not supported in this mode (line 1, byte 8)")]
    public void TheMessageIsForWhoeverSentTheBody(string body, string said) =>
        Assert.Equal(said, Malformed(Encoding.UTF8.GetBytes(body)).Message);

    [Fact]
    public void InvalidUtf8IsMalformedAndItsPlaceIsNamed()
    {
        byte[] body = [.. "{\"a\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        Assert.Equal("not valid UTF-8 (line 1, byte 7)", Malformed(body).Message);
        Assert.StartsWith("not valid UTF-8", Malformed([.. "{\"a\":\""u8, 0xED, 0xA0, 0x80, .. "\"}"u8]).Message);
    }

    [Fact]
    public void Utf16IsMalformed()
    {
        Malformed([.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(SomeTrace.Json())]);
        Malformed(Encoding.Unicode.GetBytes(SomeTrace.Json()));
        Malformed(Encoding.BigEndianUnicode.GetBytes(SomeTrace.Json()));
    }

    [Fact]
    public void AByteOrderMarkIsPassedOver() =>
        Assert.Empty(TraceParser.ParseTrace([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(SomeTrace.Json())], SomeTrace.Context()).Faults);

    [Fact]
    public void EndlessNestingIsMalformed() =>
        Malformed(Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 500_000)));

    [Fact]
    public void TenThousandMutatedBodiesAreParsedOrMalformedAndNothingElse()
    {
        var random = new Random(20260504);
        byte[][] bodies =
        [
            Encoding.UTF8.GetBytes(SomeTrace.Json(
                ("metadata", """{"user_id":"u\ud83d\ude00","deep":[{"x":[1.5e3,null,true]}],"tags":["a","b"]}"""),
                ("functions_called", """[{"name":"f","parameters":{"q":"\u0000"},"error":null}]"""),
                ("timestamp", "\"2025-01-27T12:00:00.5+01:00\""),
                ("cost", "1.25e-3"),
                ("tokens_used", "12"),
                ("response_time_ms", "8.5"),
                ("_llmeval", """{"status":"accepted","history":[{"status":"accepted","created_at":"2025-01-27T12:00:00Z","tags":["x"]}]}"""),
                ("extra", "{\"\\ud83d\":\"é\"}"))),
            Encoding.UTF8.GetBytes($$"""{"traces":[{{SomeTrace.Json()}},{{SomeTrace.Json(("tags", "[\"a\"]"))}}],"source":"s","batch_id":"b"}"""),
        ];
        byte[] spices = [.. "{}[]\",:\\u0dDe-+.19tfn\n "u8, 0, 0xFF, 0xC3, 0xED];
        int parsed = 0;
        for (int i = 0; i < 10_000; i++)
        {
            byte[] body = Mutate(bodies[i % bodies.Length], random, spices);
            try
            {
                ParsedTrace trace = TraceParser.ParseTrace(body, SomeTrace.Context(restore: i % 3 == 0));
                Assert.Equal(trace.Value is null, trace.Faults.Count > 0);
                BatchParser.ParseBatch(body, SomeTrace.Context());
                parsed++;
            }
            catch (MalformedBodyException)
            {
            }
        }

        Assert.InRange(parsed, 500, 9_500);
    }

    private static byte[] Mutate(byte[] body, Random random, byte[] spices)
    {
        var mutated = new List<byte>(body);
        for (int count = random.Next(1, 4); count > 0; count--)
        {
            int at = random.Next(mutated.Count);
            switch (random.Next(5))
            {
                case 0:
                    mutated[at] = spices[random.Next(spices.Length)];
                    break;
                case 1:
                    mutated.Insert(at, spices[random.Next(spices.Length)]);
                    break;
                case 2:
                    mutated.RemoveAt(at);
                    break;
                case 3:
                    mutated[at] = (byte)random.Next(256);
                    break;
                default:
                    int length = Math.Min(random.Next(1, 20), mutated.Count - at);
                    mutated.InsertRange(random.Next(mutated.Count), mutated.GetRange(at, length));
                    break;
            }
        }

        return [.. mutated];
    }

    private static MalformedBodyException Malformed(byte[] body)
    {
        var fault = Assert.Throws<MalformedBodyException>(() => TraceParser.ParseTrace(body, SomeTrace.Context()));
        Assert.Throws<MalformedBodyException>(() => BatchParser.ParseBatch(body, SomeTrace.Context()));
        return fault;
    }
}
