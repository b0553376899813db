using System.Text;
using LlmEval.Core.Access;
using LlmEval.Core.Outbound;

namespace LlmEval.Tests.Outbound;

public class DeliverySignatureTests
{
    // From the tests of the Standard Webhooks libraries.
    [Fact]
    public void TheVectorOfTheStandardIsSignedAsItsLibrariesDo() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        DeliverySignature.Of(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""u8));

    [Fact]
    public void TwoSecretsMakeTwoSignatures()
    {
        string[] secrets = [WebhookKey.NewSecret(), WebhookKey.NewSecret()];
        byte[] body = Encoding.UTF8.GetBytes("{}");

        Assert.Equal(
            string.Join(' ', secrets.Select(s => DeliverySignature.Of([s], "msg_1", 1, body))),
            DeliverySignature.Of(secrets, "msg_1", 1, body));
    }
}
