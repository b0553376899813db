using LlmEval.Core.Access;
using LlmEval.Core.Alerts;
using LlmEval.Core.Outbound;
using LlmEval.Core.Primitives;
using LlmEval.Tests.Alerts;

namespace LlmEval.Tests.Primitives;

public class NamingTests
{
    [Theory]
    [InlineData("Zoë O'Neill", true)]
    [InlineData("李雷", true)]
    [InlineData("علی\u200Cرضا", true)]
    [InlineData("🚀", true)]
    [InlineData("", false)]
    [InlineData(" ", false)]
    [InlineData("\u200B", false)]
    [InlineData("...", false)]
    [InlineData("two\nlines", false)]
    [InlineData("\u202Eaivilo", false)]
    [InlineData("Olivia\u2067", false)]
    public void ANameIsReadAsItIsWritten(string name, bool isGood) => Assert.Equal(isGood, Naming.IsReadable(name));

    [Fact]
    public void HalfACharacterIsNoName() => Assert.False(Naming.IsReadable("a\ud83d"));

    [Theory]
    [InlineData("production", 0)]
    [InlineData("\u202Enoitcudorp", 1)]
    public void ItIsAskedOfWhateverPeopleName(string name, int faults)
    {
        Assert.Equal(faults, NewPerson.FaultsOfName(name).Count());
        Assert.Equal(faults, new ApiKeyRequest(name, Rights.Read, null).FindFaults(DateTime.UnixEpoch).Count);
        Assert.Equal(faults, new SubscriptionDraft { Name = name, Url = "https://example.com" }.FindFaults().Count());

        AlertRule rule = SomeRule.Above(5);
        rule.Name = name;
        Assert.Equal(faults, rule.FindFaults().Count);
    }
}
