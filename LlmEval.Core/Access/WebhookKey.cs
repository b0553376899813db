using System.Security.Cryptography;
using System.Text;

namespace LlmEval.Core.Access;

/// <summary>The bytes that a webhook secret stands for: what follows <c>whsec_</c> is base64, anything else is the text itself in UTF-8.</summary>
public static class WebhookKey
{
    private const string Prefix = "whsec_";
    private const int NewBytes = 32;

    /// <summary>A secret of 256 random bits, as Standard Webhooks writes it.</summary>
    public static string NewSecret() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(NewBytes));

    /// <returns>Null for a secret that is empty, or that begins with <c>whsec_</c> and goes on with something else than base64.</returns>
    public static byte[]? Read(string secret)
    {
        if (!secret.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return secret.Length > 0 ? Encoding.UTF8.GetBytes(secret) : null;
        }

        byte[] key = new byte[secret.Length];
        return Convert.TryFromBase64String(secret[Prefix.Length..], key, out int length) && length > 0 ? key[..length] : null;
    }
}
