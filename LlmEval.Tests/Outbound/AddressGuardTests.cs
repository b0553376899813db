using System.Net;
using LlmEval.Core.Access;
using LlmEval.Core.Outbound;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Outbound;

public class AddressGuardTests
{
    private static readonly IPAddress Public = IPAddress.Parse("93.184.216.34");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.8")]
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("203.0.113.5")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::7f00:1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("3fff::1")]
    [InlineData("fc00::1")]
    [InlineData("fd12:3456::1")]
    [InlineData("fe80::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void WhatIsNotOfThePublicInternetIsKnown(string address) => Assert.False(PublicAddress.Is(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("93.184.216.34")]
    [InlineData("100.63.255.255")]
    [InlineData("172.32.0.1")]
    [InlineData("192.167.255.255")]
    [InlineData("::ffff:1.1.1.1")]
    [InlineData("64:ff9b::101:101")]
    [InlineData("2606:4700:4700::1111")]
    public void WhatIsOfThePublicInternetIsKnownToo(string address) => Assert.True(PublicAddress.Is(IPAddress.Parse(address)));

    // However it is written, it is the address that counts.
    [Theory]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://127.1/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f000001/")]
    [InlineData("http://0177.0.0.1/")]
    [InlineData("http://[::1]:8000/")]
    [InlineData("http://[::ffff:10.0.0.1]/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://innocent.example/")]
    public async Task APrivateAddressIsRefusedWhenItIsSaved(string url)
    {
        AddressGuard guard = Guard(new OutboundOptions(), _ => [IPAddress.Parse("10.0.0.5")]);

        Assert.Contains("private network", await guard.FindFaultAsync(new Uri(url), Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnePrivateAddressAmongPublicOnesIsEnoughToRefuse() => Assert.NotNull(
        await Guard(new OutboundOptions(), _ => [Public, IPAddress.Loopback]).FindFaultAsync(new Uri("https://both.example/"), Cancel));

    [Fact]
    public async Task APublicAddressIsTaken() =>
        Assert.Null(await Guard(new OutboundOptions(), _ => [Public]).FindFaultAsync(new Uri("https://hooks.example/x"), Cancel));

    [Fact]
    public async Task AHostThatIsNotThereIsSaid() => Assert.Contains(
        "cannot be found",
        await Guard(new OutboundOptions(), _ => []).FindFaultAsync(new Uri("https://no.example/"), Cancel),
        StringComparison.Ordinal);

    [Fact]
    public async Task AHostThatIsNoNameIsSaid() => Assert.Contains(
        "cannot be found",
        await Guard(new OutboundOptions(), _ => throw new ArgumentOutOfRangeException("hostName")).FindFaultAsync(
            new Uri($"https://{string.Join('.', Enumerable.Repeat("a", 150))}/"), Cancel),
        StringComparison.Ordinal);

    [Fact]
    public async Task WhatIsAllowedByNameMayBePrivateAndNothingElse()
    {
        AddressGuard guard = Guard(new OutboundOptions { AllowedHosts = ["hooks.internal"] }, _ => [IPAddress.Parse("10.0.0.5")]);

        Assert.Null(await guard.FindFaultAsync(new Uri("http://HOOKS.internal/x"), Cancel));
        Assert.NotNull(await guard.FindFaultAsync(new Uri("http://other.internal/x"), Cancel));
    }

    [Fact]
    public async Task ANameThatLeadsElsewhereByTheTimeOfSendingIsNotFollowed()
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        int asked = 0;
        AddressGuard guard = Guard(new OutboundOptions(), _ => [asked++ == 0 ? Public : IPAddress.Loopback]);
        var url = new Uri($"http://rebinding.example:{receiver.Url.Port}/");
        using var sender = new WebhookSender(guard, Options.Create(new OutboundOptions()), TimeProvider.System);

        Assert.Null(await guard.FindFaultAsync(url, Cancel));
        AttemptResult result = await sender.SendAsync(To(url), SomeDelivery(), Cancel);

        Assert.Equal(2, asked);
        Assert.False(result.IsDelivered);
        Assert.Contains("private network", result.Fault, StringComparison.Ordinal);
        Assert.Null(result.DurationMs);
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task WhatWasLookedUpIsWhatIsConnectedTo()
    {
        await using TestReceiver receiver = await TestReceiver.StartAsync();
        AddressGuard guard = Guard(new OutboundOptions { AllowPrivateAddresses = true }, _ => [IPAddress.Loopback]);
        using var sender = new WebhookSender(guard, Options.Create(new OutboundOptions()), TimeProvider.System);

        AttemptResult result = await sender.SendAsync(To(new Uri($"http://some.name.example:{receiver.Url.Port}/")), SomeDelivery(), Cancel);

        Assert.Equal(200, result.StatusCode);
        Assert.Equal($"some.name.example:{receiver.Url.Port}", Assert.Single(receiver.Requests).Headers.Host);
    }

    private static AddressGuard Guard(OutboundOptions options, Func<string, IPAddress[]> lookup) =>
        new(Options.Create(options), (host, _) => Task.FromResult(lookup(host)));

    private static Subscription To(Uri url) => new()
    {
        Name = "",
        Url = url.AbsoluteUri,
        Events = [],
        ModelNames = [],
        Statuses = [],
        Secret = WebhookKey.NewSecret(),
    };

    private static Delivery SomeDelivery() => Delivery.New(
        To(new Uri("http://x.example")), EventNames.Test, "", MessageBody.Test(new FakeTimeProvider().GetUtcNow().UtcDateTime), DateTime.UnixEpoch);
}
