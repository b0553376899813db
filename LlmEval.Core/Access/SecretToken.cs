using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace LlmEval.Core.Access;

/// <summary>What a session's cookie and an invitation's link hold: 256 random bits. Only their hash is stored.</summary>
public static class SecretToken
{
    private const int SecretBytes = 32;

    public static (string Token, byte[] Hash) Make()
    {
        string token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        return (token, Hash(token));
    }

    /// <summary>Of an API key too. Nothing slower is needed against guessing what is random.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
