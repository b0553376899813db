using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LlmEval.Core.Access;

namespace LlmEval.Core.Outbound;

/// <summary>The header <c>webhook-signature</c> as the Standard Webhooks specification has it.</summary>
internal static class DeliverySignature
{
    /// <returns>One signature for each secret, any of which is enough.</returns>
    public static string Of(IEnumerable<string> secrets, string messageId, long unixSeconds, ReadOnlySpan<byte> body)
    {
        byte[] head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{messageId}.{unixSeconds}."));
        byte[] signed = [.. head, .. body];
        return string.Join(' ', secrets.Select(secret => "v1," + Convert.ToBase64String(HMACSHA256.HashData(WebhookKey.Read(secret)!, signed))));
    }
}
