using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LlmEval.Core.Access;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.AspNetCore.DataProtection;

namespace LlmEval.Web.Access;

/// <summary>Who made a stream token, in which project, and when it ends.</summary>
public sealed record StreamToken(int ProjectId, DateTime Expires, string Maker);

/// <summary>
/// Short-lived tokens for <c>EventSource</c>, which can send no header: an address with one in it opens a stream and nothing else.
/// They hold what they say, protected by keys that all replicas share, and give no more than their maker has when they are used.
/// </summary>
public sealed class StreamTokens(IDataProtectionProvider protection, TimeProvider time)
{
    public const string Parameter = "access_token";

    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private const string Prefix = "evs_";
    private const char ByKey = 'k';
    private const char BySession = 's';
    private const char ByNobody = 'o';

    private readonly IDataProtector _protector = protection.CreateProtector("LlmEval.StreamTokens.1");

    public (string Token, DateTime Expires) Make(Caller caller)
    {
        DateTime expires = time.UtcNow() + Lifetime;
        string maker = caller switch
        {
            { Key: { } key } => ByKey + key.PublicId,
            { Session: { } session } => BySession + Convert.ToHexString(session.TokenHash),
            _ => ByNobody.ToString(),
        };
        byte[] payload = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{caller.ProjectId} {expires.Ticks} {maker}"));
        return (Prefix + Base64Url.EncodeToString(_protector.Protect(payload)), expires);
    }

    /// <returns>Null for what is no token of ours, or one that has ended.</returns>
    /// <exception cref="CryptographicException">The keys cannot be read: an <see cref="Outage"/>.</exception>
    public StreamToken? Read(string token)
    {
        if (!token.StartsWith(Prefix, StringComparison.Ordinal) || !Base64Url.IsValid(token.AsSpan(Prefix.Length)))
        {
            return null;
        }

        try
        {
            byte[] payload = _protector.Unprotect(Base64Url.DecodeFromChars(token.AsSpan(Prefix.Length)));
            string[] parts = Encoding.UTF8.GetString(payload).Split(' ');
            var read = new StreamToken(
                int.Parse(parts[0], CultureInfo.InvariantCulture), new DateTime(long.Parse(parts[1], CultureInfo.InvariantCulture), DateTimeKind.Utc), parts[2]);
            return read.Expires > time.UtcNow() ? read : null;
        }
        catch (CryptographicException e) when (!Outage.Is(e))
        {
            return null;
        }
    }

    /// <returns>The maker as a caller of now; null when they may not come any more.</returns>
    internal static Caller? MakerOf(StreamToken token, AccessBook book, DateTime now, bool isOpen) => token.Maker[0] switch
    {
        ByKey => book.FindKeyNamed(token.Maker[1..], now) is { } key
            ? new Caller(CallerKind.Key, key.Name, token.ProjectId, RightsOf.Scopes(key.Scopes)) { Key = key }
            : null,
        BySession => book.FindSession(Convert.FromHexString(token.Maker[1..]), now) is var (session, user)
            ? new Caller(CallerKind.Person, user.Name, token.ProjectId, book.RightsIn(token.ProjectId, user)) { User = user, Session = session }
            : null,
        _ => isOpen ? new Caller(CallerKind.Open, "a stream token", token.ProjectId, Rights.Read) : null,
    };
}
