using System.Net;
using System.Net.Sockets;
using LlmEval.Core.Access;
using LlmEval.Core.Events;
using LlmEval.Core.Outbound;
using LlmEval.Tests.People;
using LlmEval.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Outbound;

public class SubscriptionsTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(SomeTrace.Now));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [EveryDatabase]
    public async Task WhatIsMadeIsKeptAsWanted(DatabaseKind kind)
    {
        await using TestCore core = await TestCore.StartAsync(kind, OutboundCore.Parts(_time));

        Subscription made = await core.SubscribeAsync(new SubscriptionDraft
        {
            Url = " https://127.0.0.1/hook?token=1 ",
            Format = BodyFormat.Slack,
            Events = ["evaluation_updates", "new_trace", "new_trace"],
            ModelNames = [" gpt-4 ", ""],
            Statuses = ["rejected"],
        });

        Subscription read = Assert.Single(await core.Get<Subscriptions>().ListAsync(Projects.Default, Cancel));
        Assert.Equal((made.Id, "127.0.0.1", "https://127.0.0.1/hook?token=1"), (read.Id, read.Name, read.Url));
        Assert.Equal(["evaluation_updates", "new_trace"], read.Events);
        Assert.Equal(["gpt-4"], read.ModelNames);
        Assert.Equal((BodyFormat.Slack, SubscriptionState.Active), (read.Format, read.State));
        Assert.StartsWith("whsec_", made.Secret, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AKindOfEventThatOnlyANewerVersionKnowsIsPassedOver()
    {
        await using TestCore core = await TestCore.StartAsync(DatabaseKind.Sqlite, OutboundCore.Parts(_time));
        Subscription all = await core.SubscribeAsync(new SubscriptionDraft { Url = "https://127.0.0.1/hook" });

        Assert.True(all.Filter.Takes(SomeEvent.At(1)));
        Assert.True(all.Filter.Takes(SomeEvent.At(2, EventAction.SweptTraces)));
        Assert.False(all.Filter.Takes(SomeEvent.At(3, (EventAction)200)));
    }

    [Theory]
    [EveryDatabase]
    public async Task EveryFaultIsSaidAtOnce(DatabaseKind kind)
    {
        await using TestCore core = await TestCore.StartAsync(kind, OutboundCore.Parts(_time));

        SubscriptionAnswer answer = await core.Get<Subscriptions>().MakeAsync(
            Projects.Default,
            new SubscriptionDraft { Name = new string('n', 101), Url = "ftp://x.example", Events = ["no_such"], Statuses = ["good"], ModelNames = [new string('m', 257)] },
            Actor.System,
            Cancel);

        Assert.Null(answer.Subscription);
        Assert.Equal(["name", "url", "events", "evaluation_status", "model_name"], answer.Faults.Select(f => f.Split(':')[0]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hooks.example/x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://x.example/")]
    [InlineData("http://user:pass@x.example/")]
    [InlineData("https://")]
    [InlineData("javascript:alert(1)")]
    public void OnlyWebAddressesAreTaken(string url) => Assert.Null(new SubscriptionDraft { Url = url }.Address);

    [Theory]
    [EveryDatabase]
    public async Task APrivateAddressIsRefusedUnlessItIsAllowed(DatabaseKind kind)
    {
        await using TestCore core = await TestCore.StartAsync(kind, OutboundCore.Parts(
            _time, services => services.Configure<OutboundOptions>(options => options.AllowPrivateAddresses = false)));

        SubscriptionAnswer answer = await core.Get<Subscriptions>().MakeAsync(
            Projects.Default, new SubscriptionDraft { Url = "http://169.254.169.254/latest" }, Actor.System, Cancel);

        Assert.Contains("LlmEval__Outbound__AllowedHosts__0=169.254.169.254", Assert.Single(answer.Faults), StringComparison.Ordinal);
    }

    [Theory]
    [EveryDatabase]
    public async Task OneWhoseHostIsNoMoreCanBeRenamedAndTurnedOffButNotOnAgain(DatabaseKind kind)
    {
        bool exists = true;
        HostLookup lookup = (_, _) => exists ? Task.FromResult<IPAddress[]>([IPAddress.Loopback]) : throw new SocketException((int)SocketError.HostNotFound);
        await using TestCore core = await TestCore.StartAsync(kind, OutboundCore.Parts(_time, services => services.AddSingleton(lookup)));
        Subscription made = await core.SubscribeAsync("http://hooks.example:9/");
        exists = false;

        Assert.Empty((await core.ChangeAsync(made, d => d with { Name = "renamed", Active = false })).Faults);
        SubscriptionAnswer on = await core.ChangeAsync(made, d => d with { Active = true });
        SubscriptionAnswer moved = await core.ChangeAsync(made, d => d with { Url = "http://other.example:9/" });

        Assert.Equal("url: the host hooks.example cannot be found", Assert.Single(on.Faults));
        Assert.Equal("url: the host other.example cannot be found", Assert.Single(moved.Faults));
        Subscription read = await core.ReadAsync(made);
        Assert.Equal(("renamed", SubscriptionState.Paused, made.Url), (read.Name, read.State, read.Url));
    }

    [Theory]
    [EveryDatabase]
    public async Task OfManyWhoChangeAtOnceNoneLoses(DatabaseKind kind)
    {
        await using TestCore core = await TestCore.StartAsync(kind, OutboundCore.Parts(_time));
        Subscription made = await core.SubscribeAsync("http://127.0.0.1:9/");
        string[] models = [.. Enumerable.Range(1, 8).Select(i => $"model-{i}")];

        await Task.WhenAll(models.Select(model => core.ChangeAsync(made, d => d with { ModelNames = [.. d.ModelNames, model] })));

        Subscription read = await core.ReadAsync(made);
        Assert.Equal(models, read.ModelNames.Order());
        Assert.Equal(made.Version + models.Length, read.Version);
    }

    [Theory]
    [EveryDatabase]
    public async Task WhatSomebodyElseChangedMeanwhileIsNotWrittenOver(DatabaseKind kind)
    {
        await using TestCore core = await TestCore.StartAsync(kind, OutboundCore.Parts(_time));
        Subscription seen = await core.SubscribeAsync("http://127.0.0.1:9/");
        await core.ChangeAsync(seen, d => d with { Events = ["new_trace"] });

        SubscriptionAnswer answer = await core.Get<Subscriptions>().ChangeAsync(
            Projects.Default, seen.Id, _ => SubscriptionDraft.Of(seen) with { Name = "renamed" }, Actor.System, Cancel, seen.Version);

        Assert.Contains("It has changed since you opened it", Assert.Single(answer.Faults), StringComparison.Ordinal);
        Subscription read = await core.ReadAsync(seen);
        Assert.Equal(("127.0.0.1", "new_trace"), (read.Name, Assert.Single(read.Events)));
    }

    [Theory]
    [EveryDatabase]
    public async Task TheAuditLogKeepsOfAnAddressTheHostAlone(DatabaseKind kind)
    {
        await using TestCore core = await TestCore.StartAsync(kind, OutboundCore.Parts(_time));
        Subscription made = await core.SubscribeAsync("http://127.0.0.1:9/services/T0/B0/s3cret?token=s3cret");
        await core.ChangeAsync(made, d => d with { Active = false });
        await core.Get<Subscriptions>().DeleteAsync(Projects.Default, made.Id, Actor.System, Cancel);

        string[] details = [.. (await core.Services.AuditAsync()).Select(e => e.Detail!)];

        Assert.Equal(3, details.Length);
        Assert.All(details, d => Assert.Contains("http://127.0.0.1:9", d, StringComparison.Ordinal));
        Assert.All(details, d => Assert.DoesNotContain("s3cret", d, StringComparison.Ordinal));
    }

    [Theory]
    [EveryDatabase]
    public async Task ASecondRotationEndsTheFirstSecret(DatabaseKind kind)
    {
        await using TestCore core = await TestCore.StartAsync(kind, OutboundCore.Parts(_time));
        Subscription made = await core.SubscribeAsync("http://127.0.0.1:9/");
        Subscription second = (await core.Get<Subscriptions>().RotateSecretAsync(Projects.Default, made.Id, Actor.System, Cancel))!;
        Subscription third = (await core.Get<Subscriptions>().RotateSecretAsync(Projects.Default, made.Id, Actor.System, Cancel))!;

        Assert.Equal([third.Secret, second.Secret], third.SecretsAt(SomeTrace.Now));
    }

    [Theory]
    [EveryDatabase]
    public async Task AnotherProjectSeesAndChangesNothing(DatabaseKind kind)
    {
        await using TestCore core = await TestCore.StartAsync(kind, OutboundCore.Parts(_time));
        Subscription made = await core.SubscribeAsync("http://127.0.0.1:9/");
        Subscriptions subscriptions = core.Get<Subscriptions>();
        const int other = Projects.Default + 1;

        Assert.Empty(await subscriptions.ListAsync(other, Cancel));
        Assert.Null(await subscriptions.FindAsync(other, made.Id, Cancel));
        Assert.Null(await subscriptions.RotateSecretAsync(other, made.Id, Actor.System, Cancel));
        Assert.Null((await subscriptions.ChangeAsync(other, made.Id, d => d with { Name = "taken" }, Actor.System, Cancel)).Subscription);
        Assert.False(await subscriptions.DeleteAsync(other, made.Id, Actor.System, Cancel));
        Assert.Equal(RedeliverOutcome.NotFound, await core.Get<Redeliver>().RunAsync(other, made.Id, 1, Cancel));
        Assert.Equal((made.Secret, "127.0.0.1"), ((await core.ReadAsync(made)).Secret, (await core.ReadAsync(made)).Name));
    }
}
