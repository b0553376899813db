using System.Security.Cryptography;
using System.Text;
using LlmEval.Core.Access;

namespace LlmEval.Tests.Access;

/// <summary>Signatures, by the vectors that were published for them and by everything that can be wrong with one.</summary>
public class WebhookSignatureTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const long Sent = 1614265330;
    private const string Right = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    private const string Wrong = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";

    private static readonly byte[] Body = """{"test": 2432232314}"""u8.ToArray();

    [Fact]
    public void TheVectorOfStandardWebhooksHolds() => Assert.True(Standard());

    [Theory]
    [InlineData("It's a Secret to Everybody", "Hello, World!", "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    [InlineData("Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")]
    public void TheVectorsOfGitHubAndOfRfc4231Hold(string secret, string body, string digest)
    {
        Assert.True(Plain($"sha256={digest}", body, Key(secret)));
        Assert.True(Plain($"SHA256={digest.ToUpperInvariant()}", body, Key(secret)));
        Assert.False(Plain($"sha256={digest}", body + " ", Key(secret)));
        Assert.False(Plain($"sha256={digest}", body, Key(secret + "x")));
    }

    [Theory]
    [InlineData(0x0b, 20, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")]
    [InlineData(0xaa, 131, "Test Using Larger Than Block-Size Key - Hash Key First", "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")]
    public void TheVectorsOfRfc4231WithBinaryKeysHold(byte value, int count, string body, string digest) =>
        Assert.True(Plain($"sha256={digest}", body, [.. Enumerable.Repeat(value, count)]));

    [Fact]
    public void ASecretIsReadWithItsPrefixAsBase64AndWithoutAsText()
    {
        Assert.Equal(Convert.FromBase64String(Secret[6..]), WebhookKey.Read(Secret));
        Assert.Equal(Encoding.UTF8.GetBytes(Secret[6..]), WebhookKey.Read(Secret[6..]));
        Assert.Equal("größer"u8.ToArray(), WebhookKey.Read("größer"));
        Assert.All(["", "whsec_", "whsec_not base64!", "whsec_YQ="], secret => Assert.Null(WebhookKey.Read(secret)));
    }

    [Fact]
    public void SecretsAreLongAndNeverTheSame()
    {
        string[] secrets = [.. Enumerable.Range(0, 100).Select(_ => WebhookKey.NewSecret())];

        Assert.Equal(100, secrets.Distinct().Count());
        Assert.All(secrets, s => Assert.Equal(32, Convert.FromBase64String(s["whsec_".Length..]).Length));
    }

    [Theory]
    [InlineData(-300, true)]
    [InlineData(300, true)]
    [InlineData(-301, false)]
    [InlineData(301, false)]
    public void TheClockMayBeFiveMinutesOff(int seconds, bool holds) => Assert.Equal(holds, Standard(now: Sent + seconds));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("msg.1")]
    [InlineData("msg 1")]
    [InlineData("mäg")]
    [InlineData("msg\u00011")]
    public void AnIdHasToBeVisibleAsciiWithoutADot(string? id) => Assert.Null(WebhookSignature.ReadStandard(id, $"{Sent}", Right, Now()));

    [Fact]
    public void AnIdHasAtMost256Characters()
    {
        Assert.NotNull(WebhookSignature.ReadStandard(new string('i', 256), $"{Sent}", Right, Now()));
        Assert.Null(WebhookSignature.ReadStandard(new string('i', 257), $"{Sent}", Right, Now()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("-1614265330")]
    [InlineData("1614265330.5")]
    [InlineData(" 1614265330")]
    [InlineData("٣٣")]
    [InlineData("99999999999999999999")]
    public void ATimeHasToBeSecondsInDigits(string? timestamp) => Assert.Null(WebhookSignature.ReadStandard(Id, timestamp, Right, Now()));

    [Theory]
    [InlineData(Right, true)]
    [InlineData($"{Wrong} v2,{"AAAA"} v1a,x nocomma {Right} {Wrong}", true)]
    [InlineData(Wrong, false)]
    [InlineData("v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", false)]
    [InlineData("g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", false)]
    [InlineData("v1,", false)]
    [InlineData("v1,g0hM9SsE", false)]
    [InlineData("v1", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void OneRightSignatureInTheListIsEnoughAndOthersAreSkipped(string? signatures, bool holds) =>
        Assert.Equal(holds, Standard(signatures: signatures));

    [Theory]
    [InlineData("")]
    [InlineData("sha256=")]
    [InlineData("sha256=757107ea")]
    [InlineData("sha1=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    [InlineData("757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    [InlineData("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e1700")]
    [InlineData("sha256=zz7107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")]
    public void APlainSignatureHasOneForm(string value) => Assert.Null(WebhookSignature.ReadPlain(value));

    [Fact]
    public void AnyOfSeveralKeysWillDoAndNoneWillNot()
    {
        byte[] key = WebhookKey.Read(Secret)!;
        Assert.True(Standard(keys: [Key("new"), key]));
        Assert.True(Standard(keys: [key, Key("old")]));
        Assert.False(Standard(keys: [Key("new"), Key("old")]));
        Assert.False(Standard(keys: []));
    }

    [Fact]
    public void WhatWasSignedCannotBeCutInAnotherWay()
    {
        byte[] key = Key("k");
        string signature = "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"a.{Sent}.1.x")));

        Assert.True(WebhookSignature.ReadStandard("a", $"{Sent}", signature, Now())!.IsOf("1.x"u8, [key]));
        Assert.False(WebhookSignature.ReadStandard("a", $"{Sent}", signature, Now())!.IsOf("x"u8, [key]));
    }

    private static bool Standard(string? signatures = Right, long now = Sent, byte[][]? keys = null) =>
        WebhookSignature.ReadStandard(Id, $"{Sent}", signatures, Now(now))?.IsOf(Body, keys ?? [WebhookKey.Read(Secret)!]) ?? false;

    private static bool Plain(string value, string body, byte[] key) => WebhookSignature.ReadPlain(value)!.IsOf(Encoding.UTF8.GetBytes(body), [key]);

    private static byte[] Key(string secret) => WebhookKey.Read(secret)!;

    private static DateTime Now(long seconds = Sent) => DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime;
}
