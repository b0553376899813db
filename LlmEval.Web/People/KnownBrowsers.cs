using System.Security.Cryptography;
using LlmEval.Core.Primitives;
using LlmEval.Web.Access;
using Microsoft.AspNetCore.DataProtection;

namespace LlmEval.Web.People;

/// <summary>
/// Knows again the browser by which somebody has signed in with their password: whoever guesses at it from elsewhere does not keep
/// that browser out. It proves nothing else, and signs nobody in.
/// </summary>
public sealed class KnownBrowsers(IDataProtectionProvider protection, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(180);
    private static readonly SiteCookie Cookie = new("llmeval-browser");

    private readonly IDataProtector _protector = protection.CreateProtector("LlmEval.KnownBrowsers.1");

    /// <param name="email">As it is stored.</param>
    /// <returns>What this browser was called when they signed in by it; null when they did not.</returns>
    public string? Find(HttpContext context, string email)
    {
        if (Cookie.Read(context.Request) is not { } value)
        {
            return null;
        }

        try
        {
            return _protector.Unprotect(value).Split('\n', 2) is [var browser, var owner] && owner == email ? browser : null;
        }
        catch (CryptographicException)
        {
            // Of another server, or made up.
            return null;
        }
    }

    public void Remember(HttpContext context, string email) =>
        Cookie.Set(context, _protector.Protect($"{Find(context, email) ?? Guid.NewGuid().ToString("N")}\n{email}"), time.UtcNow() + Kept);
}
