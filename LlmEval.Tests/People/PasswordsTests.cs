using LlmEval.Core.Access;
using LlmEval.Web.People;

namespace LlmEval.Tests.People;

public class PasswordsTests
{
    private readonly Passwords _passwords = new(TimeProvider.System);

    [Theory]
    [InlineData("tall green giraffes")]
    [InlineData("x8#kQ2!v")]
    [InlineData("пароль длинный и свой")]
    [InlineData("🦒🦓🦏🐘🦛🐪🦘🐃")]
    public void WhatIsLongAndOnesOwnWillDo(string password) => Assert.Empty(Passwords.FindFaults(password, "olivia@example.com"));

    [Theory]
    [InlineData("seven77")]
    [InlineData("Password")]
    [InlineData("password2026!")]
    [InlineData("QWERTYUIOP")]
    [InlineData("12345678")]
    [InlineData("hgfedcba")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("abababababab")]
    [InlineData("Olivia.Stone1")]
    [InlineData("olivia.stone@example.com")]
    [InlineData("LlmEval123")]
    public void WhatIsGuessedFirstWillNot(string password) => Assert.Single(Passwords.FindFaults(password, "olivia.stone@example.com"));

    [Theory]
    [InlineData(128, true)]
    [InlineData(500, true)]
    [InlineData(501, false)]
    public void ItMayBeLong(int length, bool good) =>
        Assert.Equal(good, Passwords.FindFaults(string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + (i * i % 23))))).Count == 0);

    [Fact]
    public async Task OfManyAtOnceEachIsLookedAt()
    {
        using var passwords = new Passwords(TimeProvider.System);
        var user = new User { Email = "a@example.com", Name = "A", PasswordHash = passwords.Hash("tall green giraffes") };

        bool?[] right = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => passwords.VerifyAsync(user, i % 2 == 0 ? "tall green giraffes" : "other", isKnown: false, TestContext.Current.CancellationToken))));

        Assert.Equal([true, false, true, false, true, false], right);
    }

    [Fact]
    public void APasswordIsKnownAgainHoweverTheDeviceTypesItsAccents()
    {
        User user = Someone(_passwords.Hash("cafe\u0301 au lait"));

        Assert.True(_passwords.Verify(user, "caf\u00e9 au lait"));
        Assert.False(_passwords.Verify(user, "cafe au lait"));
    }

    /// <summary>A request may bring what is no character; nobody gets to have it.</summary>
    [Fact]
    public void WhatIsNoCharacterIsWrongAndCannotBeChosen()
    {
        User user = Someone(_passwords.Hash("tall green giraffes"));

        // Not as data of the test: an attribute has no room for half a character.
        foreach (string password in (string[])["tall green\uFFFE giraffes", "tall green\ud83d giraffes", "tall green giraffes\udc4d", "tall green\uFFFD giraffes"])
        {
            Assert.False(_passwords.Verify(user, password));
            Assert.False(_passwords.Verify(null, password));
            Assert.Contains("no character", Assert.Single(Passwords.FindFaults(password)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void WhoHasNoPasswordIsLetInByNone()
    {
        Assert.False(_passwords.Verify(null, "nobody has this password"));
        Assert.False(_passwords.Verify(Someone(null), "nobody has this password"));
        Assert.False(_passwords.Verify(Someone(null), ""));
    }

    [Fact]
    public void TwoHashesOfOnePasswordDiffer() => Assert.NotEqual(_passwords.Hash("tall green giraffes"), _passwords.Hash("tall green giraffes"));

    private static User Someone(string? hash) => new() { Email = "a@example.com", Name = "A", PasswordHash = hash };
}
