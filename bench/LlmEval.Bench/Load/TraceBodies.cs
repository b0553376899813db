using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmEval.Bench.Load;

/// <summary>
/// Bodies of traces as an app would send them, about 800 bytes each: made once, with places for the id and the time, so that
/// sending one costs a copy. Word frequencies follow Zipf's law, as those of a language do.
/// </summary>
internal sealed class TraceBodies
{
    public const string RareWord = "xylographer";
    public const string OldWord = "palimpsest";
    public const string CommonWord = "answer";

    public static readonly IReadOnlyList<string> Models =
        ["gpt-4", "gpt-4o-mini", "claude-3-5-sonnet", "claude-3-haiku", "llama-3-70b", "mistral-large", "gemini-1.5-pro", "command-r"];

    private const string IdPlace = "0123456789abcdef-0123456789abcdef";
    private const string TimePlace = "2000-01-01T00:00:00.000Z";

    // Percent of the traces.
    private static readonly int[] ModelShares = [28, 20, 16, 12, 9, 7, 4, 4];
    private static readonly string[] Regions = ["eu", "us", "ap"];

    private readonly Template[] _templates;
    private readonly Dictionary<string, Template> _special;

    /// <param name="variants">How many different texts there are.</param>
    public TraceBodies(int variants = 2_048, int seed = 7)
    {
        var random = new Random(seed);
        string[] words = [.. Enumerable.Range(0, 6_000).Select(_ => Word(random))];
        _templates = [.. Enumerable.Range(0, variants).Select(_ => Make(random, words, special: null))];
        _special = new[] { RareWord, OldWord }.ToDictionary(word => word, word => Make(random, words, word));
    }

    public int MaxLength => _templates.Concat(_special.Values).Max(t => t.Bytes.Length);

    public double MeanLength => _templates.Average(t => t.Bytes.Length);

    /// <summary>Writes the body of the trace with this number.</summary>
    /// <param name="time">24 characters of RFC 3339.</param>
    /// <param name="idAt">Where its id stands.</param>
    /// <param name="special">A word that its text holds besides: <see cref="RareWord"/> or <see cref="OldWord"/>.</param>
    /// <returns>Its length.</returns>
    public int Write(Span<byte> target, ulong run, ulong number, long sentAt, ReadOnlySpan<byte> time, out int idAt, string? special = null)
    {
        Template template = special is not null ? _special[special] : _templates[number % (ulong)_templates.Length];
        template.Bytes.CopyTo(target);
        idAt = template.IdAt;
        TraceId.Write(target[idAt..], run, number, sentAt);
        time.CopyTo(target[template.TimeAt..]);
        return template.Bytes.Length;
    }

    /// <summary>What <see cref="TraceContent"/> says of the trace with this number.</summary>
    public ReadOnlySpan<byte> ContentOf(ulong number, string? special = null) =>
        (special is not null ? _special[special] : _templates[number % (ulong)_templates.Length]).Content;

    private static Template Make(Random random, string[] words, string? special)
    {
        int promptTokens = random.Next(20, 400);
        int completionTokens = random.Next(20, 900);
        string model = PickModel(random);
        string query = Text(random, words, random.Next(60, 160)) + "?";
        string response = Text(random, words, random.Next(120, 340))
            + (random.Next(2) == 0 ? $" {CommonWord}" : "")
            + (special is null ? "." : $" {special}.");
        var body = new JsonObject
        {
            ["trace_id"] = IdPlace,
            ["timestamp"] = TimePlace,
            ["model_name"] = model,
            ["user_query"] = query,
            ["system_prompt"] = "You are a helpful assistant. Be brief and say so when you do not know.",
            ["ai_response"] = response,
            ["metadata"] = new JsonObject
            {
                ["temperature"] = Math.Round(random.NextDouble(), 2),
                ["max_tokens"] = 1000,
                ["user_id"] = $"user_{random.Next(500)}",
                ["region"] = Regions[random.Next(Regions.Length)],
            },
            ["prompt_tokens"] = promptTokens,
            ["completion_tokens"] = completionTokens,
            ["tokens_used"] = promptTokens + completionTokens,
            ["response_time_ms"] = Math.Round(Math.Exp(5.5 + (random.NextDouble() * 3)), 1),
        };
        decimal cost = Math.Round((decimal)random.NextDouble() / 100, 6);
        body["cost"] = cost;
        if (random.Next(10) < 3)
        {
            body["functions_called"] = new JsonArray(new JsonObject
            {
                ["name"] = "search_knowledge_base",
                ["parameters"] = new JsonObject { ["query"] = words[random.Next(words.Length)] },
                ["result"] = "Found 15 relevant articles",
            });
        }

        string text = body.ToJsonString(JsonSerializerOptions.Default);
        return new Template(
            Encoding.UTF8.GetBytes(text),
            text.IndexOf(IdPlace, StringComparison.Ordinal),
            text.IndexOf(TimePlace, StringComparison.Ordinal),
            Encoding.ASCII.GetBytes(TraceContent.Hash(model, query, response, promptTokens, completionTokens, cost)));
    }

    private static string PickModel(Random random)
    {
        int at = random.Next(100);
        int model = 0;
        while (at >= ModelShares[model])
        {
            at -= ModelShares[model++];
        }

        return Models[model];
    }

    private static string Text(Random random, string[] words, int length)
    {
        var text = new StringBuilder();
        while (text.Length < length)
        {
            double rank = Math.Exp(random.NextDouble() * Math.Log(words.Length)) - 1;
            text.Append(text.Length == 0 ? "" : " ").Append(words[(int)Math.Min(words.Length - 1, rank)]);
        }

        return text.ToString();
    }

    private static string Word(Random random)
    {
        const string consonants = "bcdfghklmnprstvz";
        const string vowels = "aeiou";
        var word = new StringBuilder();
        for (int syllable = random.Next(1, 5); syllable > 0; syllable--)
        {
            word.Append(consonants[random.Next(consonants.Length)]).Append(vowels[random.Next(vowels.Length)]);
        }

        return word.Append(random.Next(3) == 0 ? "n" : "").ToString();
    }

    private sealed record Template(byte[] Bytes, int IdAt, int TimeAt, byte[] Content);
}
