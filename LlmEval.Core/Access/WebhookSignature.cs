using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LlmEval.Core.Access;

/// <summary>
/// What a webhook's headers claim of its body. Reading the claim comes first: what is no claim is refused without a look at the body.
/// </summary>
public sealed class WebhookSignature
{
    /// <summary>How far the sender's clock may be off.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private const int MostIdCharacters = 256;
    private const int MostTimestampDigits = 11;
    private const string Version = "v1,";
    private const string PlainPrefix = "sha256=";

    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c).Where(c => c != '.')]);

    private readonly byte[] _head;
    private readonly List<byte[]> _digests;

    private WebhookSignature(string? messageId, byte[] head, List<byte[]> digests)
    {
        MessageId = messageId;
        _head = head;
        _digests = digests;
    }

    /// <summary>What the sender calls the message, the same for every attempt to send it; null where the scheme has none.</summary>
    public string? MessageId { get; }

    /// <summary>Reads the three headers of Standard Webhooks. Signatures of versions that we do not know are skipped.</summary>
    /// <returns>Null when they can be no valid claim, whatever the body and the secret.</returns>
    public static WebhookSignature? ReadStandard(string? id, string? timestamp, string? signatures, DateTime now)
    {
        // A dot in the id would let one signed text be cut in two ways.
        if (id is not { Length: > 0 and <= MostIdCharacters } || id.AsSpan().ContainsAnyExcept(IdCharacters)
            || timestamp is not { Length: > 0 and <= MostTimestampDigits } || timestamp.AsSpan().ContainsAnyExceptInRange('0', '9')
            || Math.Abs(long.Parse(timestamp, CultureInfo.InvariantCulture) - new DateTimeOffset(now).ToUnixTimeSeconds()) > Tolerance.TotalSeconds)
        {
            return null;
        }

        List<byte[]> digests = [];
        foreach (string signature in (signatures ?? "").Split(' '))
        {
            byte[] digest = new byte[SHA256.HashSizeInBytes];
            if (signature.StartsWith(Version, StringComparison.Ordinal)
                && Convert.TryFromBase64String(signature[Version.Length..], digest, out int length)
                && length == digest.Length)
            {
                digests.Add(digest);
            }
        }

        return digests.Count > 0 ? new WebhookSignature(id, Encoding.ASCII.GetBytes($"{id}.{timestamp}."), digests) : null;
    }

    /// <summary>Reads <c>sha256=</c> and 64 hexadecimal digits.</summary>
    /// <returns>Null when it is anything else.</returns>
    public static WebhookSignature? ReadPlain(string value)
    {
        byte[] digest = new byte[SHA256.HashSizeInBytes];
        string text = value.Trim();
        return text.StartsWith(PlainPrefix, StringComparison.OrdinalIgnoreCase)
            && Convert.FromHexString(text.AsSpan(PlainPrefix.Length), digest, out int consumed, out int written) == OperationStatus.Done
            && consumed == text.Length - PlainPrefix.Length
            && written == digest.Length
                ? new WebhookSignature(null, [], [digest])
                : null;
    }

    /// <summary>Whether one of the keys signed these bytes. All are tried, whichever it is: how long it takes tells nothing.</summary>
    public bool IsOf(ReadOnlySpan<byte> body, IReadOnlyList<byte[]> keys)
    {
        bool found = false;
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        foreach (byte[] key in keys)
        {
            using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
            hash.AppendData(_head);
            hash.AppendData(body);
            hash.GetHashAndReset(expected);
            foreach (byte[] digest in _digests)
            {
                found |= CryptographicOperations.FixedTimeEquals(expected, digest);
            }
        }

        return found;
    }
}
