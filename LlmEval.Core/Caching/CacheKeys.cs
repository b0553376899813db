using System.Text;
using LlmEval.Core.Storage;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Caching;

/// <summary>Names entries so that two installations may share one Redis, and two versions of the product too.</summary>
internal sealed class CacheKeys(IOptions<StorageOptions> storage)
{
    /// <summary>Raise it when what is cached changes its shape.</summary>
    private const int Shape = 1;

    /// <summary>Longer keys are hashed: ids are arbitrary text of up to 256 characters.</summary>
    private const int PlainLength = 128;

    private readonly string _prefix = $"llmeval:{StorageIdentity.Of(storage.Value)}:trace:{Shape}:";

    public string Trace(int projectId, string traceId)
    {
        bool plain = traceId.Length <= PlainLength && !traceId.AsSpan().ContainsAnyExceptInRange('!', '~');
        return plain
            ? $"{_prefix}{projectId}:{traceId}"
            : $"{_prefix}{projectId}#{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(traceId)))}";
    }
}
