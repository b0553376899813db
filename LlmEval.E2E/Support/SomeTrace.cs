namespace LlmEval.E2E.Support;

internal static class SomeTrace
{
    public static Dictionary<string, object?> With(string traceId, params ReadOnlySpan<(string Name, object? Value)> members)
    {
        var trace = new Dictionary<string, object?>
        {
            ["trace_id"] = traceId,
            ["model_name"] = "gpt-4",
            ["user_query"] = $"Question of {traceId}",
            ["ai_response"] = $"Answer to {traceId}",
            ["tokens_used"] = 245,
            ["response_time_ms"] = 1250.5,
            ["cost"] = 0.0049,
        };
        foreach ((string name, object? value) in members)
        {
            trace[name] = value;
        }

        return trace;
    }
}
