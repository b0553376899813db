using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Caching.Hybrid;

namespace LlmEval.Core.Caching;

/// <summary>Keeps non-Latin text in its own letters: escaped it would be three times as long.</summary>
internal sealed class CachedTraceSerializer : IHybridCacheSerializer<CachedTrace>
{
    private static readonly JsonSerializerOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        IgnoreReadOnlyProperties = true,
    };

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public CachedTrace Deserialize(ReadOnlySequence<byte> source)
    {
        var reader = new Utf8JsonReader(source);
        return JsonSerializer.Deserialize<CachedTrace>(ref reader, Options)!;
    }

    public void Serialize(CachedTrace value, IBufferWriter<byte> target)
    {
        using var writer = new Utf8JsonWriter(target, WriterOptions);
        JsonSerializer.Serialize(writer, value, Options);
    }
}
