using System.Security.Cryptography;
using System.Text;

namespace LlmEval.Core.Writing;

/// <summary>
/// A message that its sender signed under an id. It is known again by its id and its bytes: the same id over other bytes is
/// another message, so that nothing is lost to a sender who counts badly.
/// </summary>
/// <param name="Digest">SHA-256 over the id, a dot and the body.</param>
public sealed record SignedMessage(int ProjectId, byte[] Digest)
{
    public static SignedMessage Of(int projectId, string messageId, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{messageId}."));
        hash.AppendData(body);
        return new SignedMessage(projectId, hash.GetHashAndReset());
    }
}

/// <summary>Where the traces of a signed message lie in a batch.</summary>
public readonly record struct MessageTraces(SignedMessage Message, int First, int Count);

/// <summary>A signed message with what became of its traces.</summary>
/// <param name="Outcomes">A byte for each trace, the number of its <see cref="WriteOutcome"/>.</param>
public readonly record struct AnsweredMessage(SignedMessage Message, byte[] Outcomes);
