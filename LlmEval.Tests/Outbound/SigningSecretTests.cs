using System.Text;
using LlmEval.Core.Outbound;

namespace LlmEval.Tests.Outbound;

public class SigningSecretTests
{
    // From the tests of the Standard Webhooks libraries.
    [Fact]
    public void TheVectorOfTheStandardIsSignedAsItsLibrariesDo() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        SigningSecret.Sign(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""u8));

    [Fact]
    public void SecretsAreLongAndNeverTheSame()
    {
        string[] secrets = [.. Enumerable.Range(0, 100).Select(_ => SigningSecret.New())];

        Assert.Equal(100, secrets.Distinct().Count());
        Assert.All(secrets, s => Assert.Equal(32, Convert.FromBase64String(s["whsec_".Length..]).Length));
    }

    [Fact]
    public void TwoSecretsMakeTwoSignatures()
    {
        string[] secrets = [SigningSecret.New(), SigningSecret.New()];
        byte[] body = Encoding.UTF8.GetBytes("{}");

        Assert.Equal(
            string.Join(' ', secrets.Select(s => SigningSecret.Sign([s], "msg_1", 1, body))),
            SigningSecret.Sign(secrets, "msg_1", 1, body));
    }
}
