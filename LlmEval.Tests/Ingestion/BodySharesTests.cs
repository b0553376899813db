using LlmEval.Core.Access;
using LlmEval.Web.Access;
using LlmEval.Web.Ingestion;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace LlmEval.Tests.Ingestion;

public class BodySharesTests
{
    private const long Most = 1_000_000;
    private const long Small = 16 * 1024;

    private readonly BodyBudget _budget = new(Options.Create(new WebhookOptions { MaxBytesInFlight = Most }));
    private readonly BodyShares _shares;

    public BodySharesTests() => _shares = new BodyShares(_budget);

    [Fact]
    public void OneNetworkOfWhichNothingIsKnownTakesAtMostHalfOfTheRoomAndAllOfThemThreeQuarters()
    {
        IBodyRoom one = _shares.OfUnproven("one");

        Assert.True(one.TryTake(500_000));
        Assert.False(_shares.OfUnproven("one").TryTake(1));
        Assert.True(_shares.OfUnproven("other").TryTake(250_000));
        Assert.False(_shares.OfUnproven("third").TryTake(1));
        Assert.True(_shares.Of(By("known")).TryTake(250_000));
        Assert.Equal(Most, _budget.Taken);

        one.Return(500_000);
        Assert.True(_shares.OfUnproven("one").TryTake(500_000));
    }

    [Fact]
    public void OneCallerTakesAtMostHalfOfTheRoomWithTheirLargeBodies()
    {
        IBodyRoom large = _shares.Of(By("one"));

        Assert.True(large.TryTake(400_000));
        Assert.True(large.TryTake(100_000 + Small));
        Assert.False(_shares.Of(By("one")).TryTake(Small + 1));
        Assert.True(_shares.Of(By("one")).TryTake(Small));
        Assert.True(_shares.Of(By("other")).TryTake(400_000));

        large.Return(400_000);
        Assert.True(_shares.Of(By("one")).TryTake(100_000));
        Assert.Equal(616_384 + Small, _budget.Taken);
    }

    [Fact]
    public void WhatIsRefusedTakesNothing()
    {
        IBodyRoom one = _shares.Of(By("one"));

        Assert.False(one.TryTake(600_000));
        Assert.Equal(0, _budget.Taken);
        Assert.True(one.TryTake(500_000));
        one.Return(500_000);
        Assert.Equal(0, _budget.Taken);
    }

    private static DefaultHttpContext By(string name)
    {
        var context = new DefaultHttpContext();
        var key = new ApiKey { Id = name.GetHashCode(StringComparison.Ordinal), Name = name, PublicId = name, Hash = [], CreatedBy = name };
        context.Features.Set(new Caller(CallerKind.Key, name, Projects.Default, Rights.Ingest) { Key = key });
        return context;
    }
}
