using LlmEval.Core.Ingestion;
using LlmEval.Core.Traces;
using LlmEval.Tests.Support;

namespace LlmEval.Tests.Ingestion;

public sealed class TraceParserTests
{
    private const string Guide = """
        {
          "trace_id": "unique_trace_id",
          "timestamp": "2025-01-27T12:00:00Z",
          "model_name": "gpt-4",
          "user_query": "What is machine learning?",
          "system_prompt": "You are a helpful AI assistant",
          "ai_response": "Machine learning is a subset of artificial intelligence...",
          "functions_called": [
            {
              "name": "search_knowledge_base",
              "parameters": {"query": "machine learning"},
              "result": "Found 15 relevant articles"
            }
          ],
          "metadata": {
            "temperature": 0.7,
            "max_tokens": 1000,
            "user_id": "user_123"
          },
          "tokens_used": 245,
          "response_time_ms": 850,
          "cost": 0.0012
        }
        """;

    [Fact]
    public void ASumOfTokensThatNobodySentIsAtMostWhatTheFieldHolds() =>
        Assert.Equal(1_000_000_000_000, SomeTrace.New(("prompt_tokens", "1000000000000"), ("completion_tokens", "5")).Trace.TokensUsed);

    [Fact]
    public void TheGuidesTraceIsTakenAsPrinted()
    {
        ParsedTrace parsed = SomeTrace.Parse(Guide);

        Assert.Empty(parsed.Faults);
        Trace trace = parsed.Value!.Trace;
        Assert.Equal("unique_trace_id", trace.TraceId);
        Assert.Equal(new DateTime(2025, 1, 27, 12, 0, 0, DateTimeKind.Utc), trace.Timestamp);
        Assert.Equal(SomeTrace.Now, trace.ReceivedAt);
        Assert.Equal("gpt-4", trace.ModelName);
        Assert.Equal("What is machine learning?", trace.UserQuery);
        Assert.Equal("You are a helpful AI assistant", trace.SystemPrompt);
        Assert.StartsWith("Machine learning is", trace.AiResponse);
        Assert.StartsWith("[", trace.FunctionsCalled);
        Assert.EndsWith("]", trace.FunctionsCalled);
        Assert.Contains("\"max_tokens\": 1000", trace.Metadata);
        Assert.Equal("user_123", trace.UserId);
        Assert.Equal(245, trace.TokensUsed);
        Assert.Equal(850, trace.ResponseTimeMs);
        Assert.Equal(0.0012m, trace.Cost);
        Assert.False(trace.HasError);
        Assert.Equal(1, trace.Version);
        Assert.Equal(1, trace.ProjectId);
        Assert.Equal(16, trace.ContentHash.Length);
        Assert.Equal(Guide.Length, parsed.Value.Bytes);
    }

    [Fact]
    public void WhatIsNotSentIsNotThereAndTheTimeIsThatOfReceipt()
    {
        Trace trace = SomeTrace.New().Trace;

        Assert.Equal(SomeTrace.Now, trace.Timestamp);
        Assert.Null(trace.SystemPrompt);
        Assert.Null(trace.FunctionsCalled);
        Assert.Null(trace.Metadata);
        Assert.Null(trace.TokensUsed);
        Assert.Null(trace.Cost);
        Assert.Null(trace.Tags);
        Assert.Null(trace.Error);
    }

    [Theory]
    [InlineData("system_prompt")]
    [InlineData("timestamp")]
    [InlineData("functions_called")]
    [InlineData("metadata")]
    [InlineData("tokens_used")]
    [InlineData("prompt_tokens")]
    [InlineData("completion_tokens")]
    [InlineData("response_time_ms")]
    [InlineData("cost")]
    [InlineData("error")]
    [InlineData("session_id")]
    [InlineData("user_id")]
    [InlineData("environment")]
    [InlineData("parent_id")]
    [InlineData("tags")]
    public void NullIsTheSameAsNotSent(string field)
    {
        Trace withNull = SomeTrace.New((field, "null")).Trace;

        Assert.Equal(SomeTrace.New().Trace.ContentHash, withNull.ContentHash);
        Assert.Equivalent(SomeTrace.New().Trace, withNull);
    }

    [Theory]
    [InlineData("trace_id")]
    [InlineData("model_name")]
    [InlineData("user_query")]
    [InlineData("ai_response")]
    public void ARequiredFieldHasToBeThere(string field)
    {
        Assert.Equal([$"{field}: is required"], SomeTrace.Parse((field, null)).Faults);
        Assert.Equal([$"{field}: is required"], SomeTrace.Parse((field, "null")).Faults);
    }

    [Theory]
    [InlineData("trace_id", "1", "must be a string")]
    [InlineData("trace_id", "{}", "must be a string")]
    [InlineData("model_name", "[]", "must be a string")]
    [InlineData("user_query", "true", "must be a string")]
    [InlineData("ai_response", "{\"a\":1}", "must be a string")]
    [InlineData("system_prompt", "7", "must be a string")]
    [InlineData("timestamp", "1737979200", "must be a string")]
    [InlineData("functions_called", "{}", "must be an array of objects")]
    [InlineData("functions_called", "\"f\"", "must be an array of objects")]
    [InlineData("metadata", "[]", "must be an object")]
    [InlineData("metadata", "\"{}\"", "must be an object")]
    [InlineData("tokens_used", "\"245\"", "must be a whole number")]
    [InlineData("tokens_used", "true", "must be a whole number")]
    [InlineData("tokens_used", "1.5", "must be a whole number")]
    [InlineData("tokens_used", "1e-1", "must be a whole number")]
    [InlineData("tokens_used", "-1", "must be at least 0")]
    [InlineData("tokens_used", "-1e400", "must be at least 0")]
    [InlineData("prompt_tokens", "1000000000001", "must be at most 1000000000000")]
    [InlineData("prompt_tokens", "1e13", "must be at most 1000000000000")]
    [InlineData("completion_tokens", "1e400", "must be at most 1000000000000")]
    [InlineData("completion_tokens", "99999999999999999999999999", "must be at most 1000000000000")]
    [InlineData("completion_tokens", "1e99999999999999999999999999", "must be at most 1000000000000")]
    [InlineData("response_time_ms", "\"1.5\"", "must be a number")]
    [InlineData("response_time_ms", "false", "must be a number")]
    [InlineData("response_time_ms", "-0.001", "must be at least 0")]
    [InlineData("response_time_ms", "1e400", "must be at most 1000000000000")]
    [InlineData("response_time_ms", "1000000000000.1", "must be at most 1000000000000")]
    [InlineData("cost", "\"0.1\"", "must be a number")]
    [InlineData("cost", "[1]", "must be a number")]
    [InlineData("cost", "-1", "must be at least 0")]
    [InlineData("cost", "-1e-30", "must be at least 0")]
    [InlineData("cost", "1000000000.000001", "must be at most 1000000000")]
    [InlineData("cost", "1e400", "must be at most 1000000000")]
    [InlineData("error", "true", "must be a string or an object")]
    [InlineData("error", "[]", "must be a string or an object")]
    [InlineData("session_id", "1", "must be a string")]
    [InlineData("user_id", "{}", "must be a string")]
    [InlineData("environment", "[]", "must be a string")]
    [InlineData("parent_id", "true", "must be a string")]
    [InlineData("tags", "\"a\"", "must be an array of strings")]
    [InlineData("tags", "{}", "must be an array of strings")]
    public void AValueOfAnotherTypeOrSizeIsAFaultThatNamesItsField(string field, string json, string problem)
    {
        ParsedTrace parsed = SomeTrace.Parse((field, json));

        Assert.Null(parsed.Value);
        Assert.Equal([$"{field}: {problem}"], parsed.Faults);
    }

    [Fact]
    public void EveryFaultIsNamedAtOnce()
    {
        ParsedTrace parsed = SomeTrace.Parse(
            ("model_name", "7"), ("user_query", null), ("cost", "-1"), ("tags", "[1, \"ok\", null]"), ("tokens_used", "1.5"));

        Assert.Equal(
            [
                "model_name: must be a string",
                "cost: must be at least 0",
                "tags[0]: must be a string",
                "tags[2]: must be a string",
                "tokens_used: must be a whole number",
                "user_query: is required",
            ],
            parsed.Faults);
        Assert.Equal("t-1", parsed.TraceId);
    }

    [Fact]
    public void ABodyFullOfFaultsListsSomeAndCountsTheRest()
    {
        ParsedTrace parsed = SomeTrace.Parse(("functions_called", "[" + string.Join(",", Enumerable.Repeat("1", 5_000)) + "]"));

        Assert.Equal(101, parsed.Faults.Count);
        Assert.Equal("and 4900 more", parsed.Faults[^1]);
    }

    [Theory]
    [InlineData("1.0", 1)]
    [InlineData("1e3", 1_000)]
    [InlineData("0.5e1", 5)]
    [InlineData("-0", 0)]
    [InlineData("0e999999999999999999999", 0)]
    [InlineData("1000000000000", 1_000_000_000_000)]
    [InlineData("1E12", 1_000_000_000_000)]
    [InlineData("1200.00e-2", 12)]
    public void AWholeNumberMayBeSpelledInAnyWay(string json, long value) =>
        Assert.Equal(value, SomeTrace.New(("tokens_used", json)).Trace.TokensUsed);

    [Theory]
    [InlineData("0.0012", "0.0012")]
    [InlineData("1.2e-3", "0.0012")]
    [InlineData("0.30000000000000004", "0.3")]
    [InlineData("0.0000000000005", "0.000000000001")]
    [InlineData("1e-400", "0")]
    [InlineData("1e-30", "0")]
    [InlineData("1e9", "1000000000")]
    [InlineData("10.0E8", "1000000000")]
    [InlineData("123456789.123456789012345678901234567890123456789", "123456789.123456789012")]
    [InlineData("-0.0", "0")]
    [InlineData("0.00000000000000000000000000000000000000000000000001", "0")]
    public void CostIsExactToTwelvePlaces(string json, string value) =>
        Assert.Equal(decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture), SomeTrace.New(("cost", json)).Trace.Cost);

    [Fact]
    public void FractionsOfAMillisecondAreKept() =>
        Assert.Equal(0.125, SomeTrace.New(("response_time_ms", "0.125")).Trace.ResponseTimeMs);

    [Theory]
    [InlineData("prompt_tokens", "3", 3)]
    [InlineData("completion_tokens", "4", 4)]
    public void TokensUsedDefaultsToWhatIsKnownOfTheSum(string field, string json, long sum) =>
        Assert.Equal(sum, SomeTrace.New((field, json)).Trace.TokensUsed);

    [Fact]
    public void TokensUsedDefaultsToTheSumOfTheOthers()
    {
        Assert.Equal(7, SomeTrace.New(("prompt_tokens", "3"), ("completion_tokens", "4")).Trace.TokensUsed);
        Assert.Equal(9, SomeTrace.New(("prompt_tokens", "3"), ("completion_tokens", "4"), ("tokens_used", "9")).Trace.TokensUsed);
    }

    [Theory]
    [InlineData("2025-01-27T12:00:00Z", "2025-01-27T12:00:00.000000")]
    [InlineData("2025-01-27t12:00:00z", "2025-01-27T12:00:00.000000")]
    [InlineData("2025-01-27T12:00:00", "2025-01-27T12:00:00.000000")]
    [InlineData("2025-01-27T12:00:00+02:30", "2025-01-27T09:30:00.000000")]
    [InlineData("2025-01-27T23:30:00-01:00", "2025-01-28T00:30:00.000000")]
    [InlineData("2025-01-27T12:00:00.5", "2025-01-27T12:00:00.500000")]
    [InlineData("2025-01-27T12:00:00.123456789Z", "2025-01-27T12:00:00.123456")]
    [InlineData("2025-01-27T12:00:00.9999999999+00:00", "2025-01-27T12:00:00.999999")]
    [InlineData("2024-02-29T00:00:00-00:00", "2024-02-29T00:00:00.000000")]
    [InlineData("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000")]
    [InlineData("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000")]
    [InlineData("2026-05-05T12:00:00Z", "2026-05-05T12:00:00.000000")]
    public void TimesAreKeptInUtcToTheMicrosecond(string sent, string utc)
    {
        DateTime timestamp = SomeTrace.New(("timestamp", $"\"{sent}\"")).Trace.Timestamp;

        Assert.Equal(DateTimeKind.Utc, timestamp.Kind);
        Assert.Equal(utc, timestamp.ToString("yyyy-MM-ddTHH:mm:ss.ffffff", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("2025-01-27")]
    [InlineData("2025-01-27 12:00:00Z")]
    [InlineData("2025-01-27T12:00Z")]
    [InlineData("2025-01-27T12:00:00.Z")]
    [InlineData("2025-01-27T12:00:00+0100")]
    [InlineData("2025-01-27T12:00:00+24:00")]
    [InlineData("2025-01-27T12:00:00ZZ")]
    [InlineData("2025-02-29T12:00:00Z")]
    [InlineData("2025-13-01T12:00:00Z")]
    [InlineData("2025-00-01T12:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("2025-01-27T24:00:00Z")]
    [InlineData("2025-01-27T12:60:00Z")]
    [InlineData("2025-01-27T12:00:61Z")]
    [InlineData("9999-12-31T23:59:59-01:00")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("２０２５-01-27T12:00:00Z")]
    public void WhatIsNoTimeIsAFault(string sent) =>
        Assert.StartsWith("timestamp: must be an RFC 3339 time", Assert.Single(SomeTrace.Parse(("timestamp", $"\"{sent}\"")).Faults));

    [Theory]
    [InlineData("1969-12-31T23:59:59Z", "timestamp: must not be before 1970")]
    [InlineData("2026-05-05T12:00:00.000001Z", "timestamp: must not be more than 24 hours ahead")]
    [InlineData("9999-12-31T23:59:59Z", "timestamp: must not be more than 24 hours ahead")]
    public void TimesOutOfReachAreFaults(string sent, string fault) =>
        Assert.Equal([fault], SomeTrace.Parse(("timestamp", $"\"{sent}\"")).Faults);

    [Fact]
    public void ALongValueIsCutInTheMessage()
    {
        string fault = Assert.Single(SomeTrace.Parse(("timestamp", $"\"{new string('x', 100_000)}\"")).Faults);

        Assert.InRange(fault.Length, 64, 200);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("it's; DROP TABLE traces--")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("a b/c?d=e&f#g%00")]
    [InlineData("🦄")]
    public void AnIdIsArbitraryText(string id) =>
        Assert.Equal(id, SomeTrace.New(("trace_id", $"\"{id}\"")).Trace.TraceId);

    [Fact]
    public void AnIdMayHoldQuotesAndBackslashes() =>
        Assert.Equal("a\"b\\c", SomeTrace.New(("trace_id", """ "a\"b\\c" """)).Trace.TraceId);

    [Theory]
    [InlineData("trace_id")]
    [InlineData("model_name")]
    [InlineData("session_id")]
    [InlineData("user_id")]
    [InlineData("environment")]
    [InlineData("parent_id")]
    public void ANameHasAtMost256CharactersWhateverTheirSize(string field)
    {
        string longest = string.Concat(Enumerable.Repeat("🦄", 256));

        Assert.Empty(SomeTrace.Parse((field, $"\"{longest}\"")).Faults);
        Assert.Equal([$"{field}: must be at most 256 characters"], SomeTrace.Parse((field, $"\"{longest}x\"")).Faults);
        Assert.Equal([$"{field}: must be at most 256 characters"], SomeTrace.Parse((field, $"\"{new string('x', 257)}\"")).Faults);
    }

    [Theory]
    [InlineData("trace_id")]
    [InlineData("model_name")]
    public void TheTwoNamesAreTrimmedAndMustSaySomething(string field)
    {
        Assert.Equal("x y", Value(SomeTrace.New((field, "\" \\t\u00a0x y\\u2003\\n\""))));
        Assert.Equal([$"{field}: must not be empty"], SomeTrace.Parse((field, "\"\"")).Faults);
        Assert.Equal([$"{field}: must not be empty"], SomeTrace.Parse((field, "\" \\n \"")).Faults);

        string Value(NewTrace parsed) => field == "trace_id" ? parsed.Trace.TraceId : parsed.Trace.ModelName;
    }

    [Theory]
    [InlineData("a\\u0000b")]
    [InlineData("a\\u0000")]
    [InlineData("a\\nb")]
    [InlineData("a\\u007fb")]
    [InlineData("a\\u0085b")]
    public void AnIdHasNoControlCharacters(string id) =>
        Assert.Equal(["trace_id: must not contain control characters"], SomeTrace.Parse(("trace_id", $"\"{id}\"")).Faults);

    [Fact]
    public void AnIdMaySpellOutTheEscapeOfAControlCharacter() =>
        Assert.Equal("a\\u0000", SomeTrace.New(("trace_id", "\"a\\\\u0000\"")).Trace.TraceId);

    [Theory]
    [InlineData("user_query")]
    [InlineData("ai_response")]
    [InlineData("system_prompt")]
    public void ATextMayBeEmptyAndUpToAMebibyteOfUtf8(string field)
    {
        string longest = new('é', 1 << 19);

        Assert.Empty(SomeTrace.Parse((field, "\"\"")).Faults);
        Assert.Empty(SomeTrace.Parse((field, $"\"{longest}\"")).Faults);
        Assert.Equal([$"{field}: must be at most 1048576 bytes of UTF-8"], SomeTrace.Parse((field, $"\"{longest}x\"")).Faults);
        Assert.Equal([$"{field}: must be at most 1048576 bytes of UTF-8"], SomeTrace.Parse((field, $"\"{longest}\\n\"")).Faults);
    }

    [Fact]
    public void ATraceHasAtMost64TagsOf256Characters()
    {
        string[] many = [.. Enumerable.Range(0, 64).Select(i => $"\"{i}\"")];
        string tooLong = $"\"{new string('x', 257)}\"";

        Assert.Equal(64, SomeTrace.New(("tags", $"[{string.Join(",", many)}]")).Trace.Tags!.Length);
        Assert.Equal(["tags: must hold at most 64 tags"], SomeTrace.Parse(("tags", $"[{string.Join(",", many)},1,2]")).Faults);
        Assert.Equal(["tags[1]: must be at most 256 characters"], SomeTrace.Parse(("tags", $"[\"a\",{tooLong}]")).Faults);
        Assert.Empty(SomeTrace.New(("tags", "[]")).Trace.Tags!);
    }
}
