using System.Text.Json;

namespace LlmEval.Bench.Mutations;

/// <summary>Where the values and the names of a JSON text stand, so that a mutation can hit one whole.</summary>
internal sealed class JsonPlaces
{
    private readonly List<Range> _values = [];
    private readonly List<Range> _names = [];

    public JsonPlaces(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { AllowMultipleValues = true });
        var open = new Stack<int>();
        while (reader.Read())
        {
            int start = (int)reader.TokenStartIndex;
            int end = (int)reader.BytesConsumed;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    // Without the colon that belongs to the token.
                    _names.Add(start..(start + reader.ValueSpan.Length + 2));
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    open.Push(start);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    _values.Add(open.Pop()..end);
                    break;
                default:
                    _values.Add(start..end);
                    break;
            }
        }
    }

    public Range AnyValue(Random random) => _values[random.Next(_values.Count)];

    public Range AnyName(Random random) => _names[random.Next(_names.Count)];
}
