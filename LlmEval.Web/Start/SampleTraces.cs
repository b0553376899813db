using System.Text.Json;
using System.Text.Json.Nodes;
using LlmEval.Core.Primitives;

namespace LlmEval.Web.Start;

/// <summary>
/// Traces to look around with, as an export would carry them. Each says that it is a sample in its id, its tags, its environment and
/// its source.
/// </summary>
public static class SampleTraces
{
    public const string Source = "llmeval-sample";

    private const string Mark = "sample";

    /// <summary>Name, milliseconds, dollars for a token, and how many of a hundred answers are good.</summary>
    private static readonly (string Name, double Speed, double Price, int Good)[] Models =
    [
        ("sample-large", 1_900, 0.00003, 92),
        ("sample-medium", 950, 0.000006, 78),
        ("sample-small", 380, 0.0000008, 55),
    ];

    private static readonly string[] Reviewers = ["Ada (sample)", "Grace (sample)"];

    /// <summary>How far back they go.</summary>
    private static readonly TimeSpan Span = TimeSpan.FromHours(30);

    public static readonly IReadOnlyList<string> Ids = [.. Enumerable.Range(1, 72).Select(n => $"{Mark}-{n:00}")];

    /// <summary>Bodies as the import takes them, oldest first. The same but for the time whenever they are made.</summary>
    public static IReadOnlyList<byte[]> Make(DateTime now)
    {
        // Always the same numbers: nothing here is secret.
        var random = new Random(7);
        return [.. Ids.Select((id, i) => JsonSerializer.SerializeToUtf8Bytes(One(id, i, now - (Span * (Ids.Count - 1 - i) / Ids.Count), random)))];
    }

    private static JsonObject One(string id, int number, DateTime at, Random random)
    {
        SampleConversation talk = SampleConversations.All[number % SampleConversations.All.Count];
        (string model, double speed, double price, int good) = Models[random.Next(Models.Length)];
        bool isGood = random.Next(100) < good;
        bool failed = !isGood && random.Next(4) == 0;
        string answer = failed ? "" : isGood ? talk.Good : talk.Poor;
        int prompt = 40 + (talk.Question.Length / 4);
        int completion = answer.Length / 4;
        var trace = new JsonObject
        {
            ["trace_id"] = id,
            ["model_name"] = model,
            ["user_query"] = talk.Question,
            ["ai_response"] = answer,
            ["system_prompt"] = "You are a helpful assistant. Be brief and exact.",
            ["functions_called"] = talk.Function is { } calls ? JsonNode.Parse(calls) : null,
            ["timestamp"] = at.ToString("O"),
            ["prompt_tokens"] = prompt,
            ["completion_tokens"] = completion,
            ["response_time_ms"] = Math.Round(speed * Math.Exp((random.NextDouble() - .4) * 1.2), 1),
            ["cost"] = Math.Round((prompt + completion) * price, 8),
            ["error"] = failed ? "The model did not answer in time." : null,
            ["session_id"] = $"{Mark}-session-{(number / 3) + 1}",
            ["environment"] = Mark,
            ["tags"] = new JsonArray(Mark),
            ["metadata"] = new JsonObject { ["temperature"] = 0.7, ["sample"] = true },
        };
        JsonObject state = new() { ["source"] = Source, ["status"] = EvaluationStatus.Pending.ToWire() };
        if (random.Next(100) < 55)
        {
            EvaluationStatus verdict = isGood ? EvaluationStatus.Accepted : EvaluationStatus.Rejected;
            state["status"] = verdict.ToWire();
            state["history"] = new JsonArray(new JsonObject
            {
                ["status"] = verdict.ToWire(),
                ["created_at"] = at.AddSeconds(40).ToString("O"),
                ["evaluator"] = Reviewers[random.Next(Reviewers.Length)],
                ["reason"] = isGood ? null : "Wrong or unhelpful",
            });
        }

        trace["_llmeval"] = state;
        return trace;
    }
}
