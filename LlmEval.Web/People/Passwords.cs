using System.Text;
using LlmEval.Core.Access;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace LlmEval.Web.People;

/// <summary>Which passwords will do, how they are stored, and whether one is right.</summary>
public sealed class Passwords : IDisposable
{
    public const int Least = 8;

    /// <summary>Far above what anybody types; it bounds the work.</summary>
    public const int Most = 500;

    // PBKDF2 with HMAC-SHA-512: what OWASP asks for.
    private const int Iterations = 210_000;

    private const string ListName = "LlmEval.Web.People.common-passwords.txt";

    private static readonly Lazy<HashSet<string>> Common = new(ReadCommon);

    private readonly PasswordHasher<User> _hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));
    private readonly string _nobodys;
    private readonly HashTurns _turns;

    public Passwords(TimeProvider time)
    {
        _turns = new HashTurns(Math.Max(1, Environment.ProcessorCount / 2), time);
        _nobodys = Hash("nobody has this password");
    }

    /// <summary>Every rule that it breaks.</summary>
    /// <param name="own">Words that are easily guessed for this person: their name and address.</param>
    public static IReadOnlyList<string> FindFaults(string password, params ReadOnlySpan<string> own)
    {
        int length = password.EnumerateRunes().Count();
        if (length is < Least or > Most)
        {
            return [$"The password has to have {Least} to {Most} characters. A few words that make sense only to you are good."];
        }

        if (password.EnumerateRunes().Any(IsBroken))
        {
            return ["The password has something in it that is no character. Type it again, or choose another."];
        }

        string plain = password.ToLowerInvariant();
        string stem = plain.TrimEnd(c => !char.IsLetter(c));
        bool isCommon = Common.Value.Contains(plain) || Common.Value.Contains(stem) || plain.Distinct().Count() < 4 || IsRow(plain);
        foreach (string word in own)
        {
            string part = word.Split('@')[0].Trim().ToLowerInvariant();
            isCommon |= part.Length > 0 && (plain == word.ToLowerInvariant() || stem == part || plain == part);
        }

        return isCommon ? ["This password is among those that are tried first. Choose one that is yours alone."] : [];
    }

    public string Hash(string password) => _hasher.HashPassword(null!, Tidy(password));

    /// <param name="isKnown">It comes from where the person has signed in before: those who guess elsewhere do not keep it from being looked at.</param>
    /// <returns>Null when so many are being looked at that this one was not.</returns>
    /// <inheritdoc cref="Verify"/>
    public async Task<bool?> VerifyAsync(User? user, string password, bool isKnown, CancellationToken cancel)
    {
        using IDisposable? turn = await _turns.TakeAsync(isKnown, cancel);
        return turn is null ? null : Verify(user, password);
    }

    public void Dispose() => _turns.Dispose();

    /// <summary>Takes the same time whether there is such a person or not.</summary>
    public bool Verify(User? user, string password)
    {
        PasswordVerificationResult result = _hasher.VerifyHashedPassword(null!, user?.PasswordHash ?? _nobodys, Tidy(password));
        return user?.PasswordHash is not null && result != PasswordVerificationResult.Failed;
    }

    // The same characters may be typed as different code points on different devices.
    private static string Tidy(string password) => password.Length > Most * 2 ? "" : Mend(password).Normalize(NormalizationForm.FormKC);

    // Whatever a request brings: Normalize throws at U+FFFE and at halves of characters.
    private static string Mend(string password) =>
        string.Concat(password.EnumerateRunes().Select(rune => IsBroken(rune) ? Rune.ReplacementChar : rune));

    /// <summary>Half a character is read as the replacement character.</summary>
    private static bool IsBroken(Rune rune) => rune.Value is 0xFFFD or 0xFFFE;

    /// <summary>Characters in their order, or against it: <c>12345678</c>, <c>hgfedcba</c>.</summary>
    private static bool IsRow(string text)
    {
        int[] steps = [.. text.Zip(text.Skip(1), (a, b) => b - a).Distinct()];
        return steps is [1] or [-1];
    }

    private static HashSet<string> ReadCommon()
    {
        using var reader = new StreamReader(typeof(Passwords).Assembly.GetManifestResourceStream(ListName)!);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
    }
}

file static class Trimming
{
    public static string TrimEnd(this string text, Func<char, bool> isOff)
    {
        int end = text.Length;
        while (end > 0 && isOff(text[end - 1]))
        {
            end--;
        }

        return text[..end];
    }
}
