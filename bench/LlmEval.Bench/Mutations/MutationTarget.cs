using System.Text;

namespace LlmEval.Bench.Mutations;

/// <summary>An endpoint that takes a body, with bodies that it takes gladly.</summary>
internal sealed record MutationTarget(HttpMethod Method, Func<Random, string> Path, string MediaType, Func<int, string> Valid)
{
    /// <summary>Traces that are there to be judged and amended.</summary>
    public const int StoredTraces = 50;

    private static readonly string[] OddIds = ["no%2Fsuch", "..%2F..%2Fx", "%F0%9F%92%A9", "%27%22%3B", new('x', 257), "%ED%A0%80"];

    // In a path the web server itself refuses it, in two words.
    private static readonly string[] OddIdsInQuery = [.. OddIds, "%00"];

    public static readonly IReadOnlyList<MutationTarget> All =
    [
        new(HttpMethod.Post, _ => "/webhook/trace", "application/json", Trace),
        new(HttpMethod.Post, _ => "/webhook/trace", "application/json", Trace),
        new(HttpMethod.Post, _ => "/webhook/batch", "application/json", Batch),
        new(HttpMethod.Post, _ => "/api/traces/import", "application/x-ndjson", number => $"{Exported(number)}\n{Trace(number)}\n"),
        new(HttpMethod.Post, _ => "/api/traces/import", "application/json", number => $"[{Exported(number)},{Trace(number)}]"),
        new(HttpMethod.Post, _ => "/api/evaluations", "application/json", Verdict),
        new(HttpMethod.Post, _ => "/api/subscriptions", "application/json", Subscription),
        new(HttpMethod.Patch, random => $"/api/traces/{AnyId(random, OddIds)}", "application/json", Patch),
        new(HttpMethod.Patch, random => $"/api/trace?trace_id={AnyId(random, OddIdsInQuery)}", "application/merge-patch+json", Patch),
    ];

    public byte[] Body(int number) => Encoding.UTF8.GetBytes(Valid(number));

    public static string Trace(int number) => TraceWith($"mutated-{number}");

    public static string StoredTrace(int number) => TraceWith($"stored-{number}");

    private static string TraceWith(string id) =>
        $$"""
        {"trace_id":"{{id}}","timestamp":"2026-01-27T12:00:00.123456Z","model_name":"gpt-4","user_query":"What is \"machine\" learning? é 文",
        "ai_response":"A subset of artificial intelligence \ud83d\ude00","system_prompt":null,"functions_called":[{"name":"search","parameters":{"q":[1,2.5,null]},
        "result":"ok","duration_ms":12,"error":null}],"metadata":{"temperature":0.7,"nested":{"a":[true,false]},"user_id":"u-1"},"tokens_used":245,
        "prompt_tokens":200,"completion_tokens":45,"response_time_ms":850.5,"cost":0.0012,"error":{"type":"timeout"},"session_id":"s-1","environment":"prod",
        "parent_id":"p-1","tags":["a","b"],"something_else":[{"x":1e3}]}
        """;

    private static string Batch(int number) => $$"""{"source":"mutations","batch_id":"b-{{number}}","traces":[{{Trace(number)}},{{TraceWith($"second-{number}")}}]}""";

    // As an export writes it, with history and all.
    private static string Exported(int number) =>
        TraceWith($"exported-{number}")[..^1]
        + """
          ,"_llmeval":{"status":"accepted","version":2,"received_at":"2026-01-27T12:00:01Z","content_hash":"00112233445566778899aabbccddeeff","source":"s","batch_id":null,
          "history":[{"status":"accepted","previous_status":"pending","version":2,"created_at":"2026-01-27T12:00:02Z","evaluator":"ann","reason":"correct","notes":"n",
          "tags":["t"],"corrected_response":"better"}]}}
          """.ReplaceLineEndings("");

    private static string Verdict(int number) =>
        $$"""
        {"trace_id":"stored-{{number % StoredTraces}}","status":"{{(number % 2 == 0 ? "accepted" : "rejected")}}","reason":"wrong","notes":"see \u00e9","tags":["x","y"],
        "corrected_response":"Like this","evaluator":"ann"}
        """;

    // An address that is refused: nothing is sent anywhere.
    private static string Subscription(int number) =>
        $$"""{"url":"http://127.0.0.1:9/{{number}}","name":"n","events":["new_trace"],"model_name":["gpt-4"],"evaluation_status":["rejected"],"format":"slack","active":false}""";

    private static string Patch(int number) =>
        $$"""{"ai_response":"amended {{number}}","metadata":{"temperature":null,"nested":{"a":1} },"tags":["z"],"cost":0.5,"tokens_used":7,"error":null,"timestamp":"2026-01-28T00:00:00Z"}""";

    private static string AnyId(Random random, string[] odd) => random.Next(8) == 0 ? odd[random.Next(odd.Length)] : $"stored-{random.Next(StoredTraces)}";
}
