using System.Buffers.Text;
using System.Security.Cryptography;

namespace LlmEval.Core.Access;

/// <summary>How an API key is written: <c>evk_</c>, eight characters that may be shown, <c>_</c>, and 256 random bits in base64url.</summary>
public static class ApiKeyToken
{
    public const string Prefix = "evk_";

    public const int PublicIdLength = 8;

    private const int SecretBytes = 32;

    private const string IdAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    private static readonly int Length = Prefix.Length + PublicIdLength + 1 + Base64Url.GetEncodedLength(SecretBytes);

    public static (string Token, string PublicId, byte[] Hash) Make()
    {
        string id = RandomNumberGenerator.GetString(IdAlphabet, PublicIdLength);
        string token = $"{Prefix}{id}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}";
        return (token, id, SecretToken.Hash(token));
    }

    /// <returns>Null for what is no key's token.</returns>
    public static string? PublicIdOf(ReadOnlySpan<char> token) =>
        token.Length == Length && token.StartsWith(Prefix, StringComparison.Ordinal) && token[Prefix.Length + PublicIdLength] == '_'
            ? token.Slice(Prefix.Length, PublicIdLength).ToString()
            : null;
}
