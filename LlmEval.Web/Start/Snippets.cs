using LlmEval.Web.Sdk;

namespace LlmEval.Web.Start;

/// <param name="Id">Of its element on the page.</param>
/// <param name="Install">What has to be installed first, if anything.</param>
public sealed record Snippet(string Id, string Language, string? Install, string Code);

/// <summary>How to send a first trace to this server.</summary>
public static class Snippets
{
    /// <summary>Stands where a key belongs: pages cannot know one.</summary>
    public const string SomeKey = "YOUR_KEY";

    /// <param name="server">Ends with a slash.</param>
    /// <param name="withKey">The server asks for one.</param>
    public static IReadOnlyList<Snippet> For(string server, bool withKey) => [Curl(server, withKey), Python(server, withKey), JavaScript(server, withKey)];

    /// <summary>The command that brings in an SDK from this server.</summary>
    public static string Install(string server, string extension)
    {
        SdkFile file = SdkFile.All.Values.Single(f => f.Name.EndsWith(extension, StringComparison.Ordinal));
        return file.Usage($"{server}sdk/{file.Name}");
    }

    public static Snippet Curl(string server, bool withKey) => new("curl", "curl", null, $$"""
        curl {{server}}webhook/trace \{{(withKey ? $"\n  -H 'Authorization: Bearer {SomeKey}' \\" : "")}}
          -H 'Content-Type: application/json' \
          -d '{
            "trace_id": "first-trace",
            "model_name": "gpt-4",
            "user_query": "What is machine learning?",
            "ai_response": "Machine learning is a subset of artificial intelligence.",
            "tokens_used": 245,
            "response_time_ms": 1250,
            "cost": 0.0049
          }'
        """);

    private static Snippet Python(string server, bool withKey) => new("python", "Python", Install(server, ".whl"), $$"""
        from llm_eval_sdk import LLMEvalClient

        client = LLMEvalClient("{{server.TrimEnd('/')}}"{{(withKey ? $", api_key=\"{SomeKey}\"" : "")}})
        client.send_trace(
            model_name="gpt-4",
            user_query="What is machine learning?",
            ai_response="Machine learning is a subset of artificial intelligence.",
            tokens_used=245,
            response_time_ms=1250,
            cost=0.0049,
        )
        """);

    private static Snippet JavaScript(string server, bool withKey) => new("javascript", "JavaScript", Install(server, ".tgz"), $$"""
        import { LLMEvalClient } from 'llm-eval-sdk';

        const client = new LLMEvalClient('{{server.TrimEnd('/')}}'{{(withKey ? $", '{SomeKey}'" : "")}});
        await client.sendTrace({
          modelName: 'gpt-4',
          userQuery: 'What is machine learning?',
          aiResponse: 'Machine learning is a subset of artificial intelligence.',
          tokensUsed: 245,
          responseTimeMs: 1250,
          cost: 0.0049,
        });
        """);
}
