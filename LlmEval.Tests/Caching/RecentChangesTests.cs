using LlmEval.Core.Caching;

namespace LlmEval.Tests.Caching;

public class RecentChangesTests
{
    [Fact]
    public void NothingIsCurrentBeforeTheFeedIsFollowed()
    {
        var changes = new RecentChanges(capacity: 10);
        changes.Add("a", 7);

        Assert.False(changes.IsCurrent("a", 9));
        Assert.False(changes.IsCurrent("b", 9));
        changes.StartAt(5);
        Assert.True(changes.IsCurrent("a", 9));
        Assert.True(changes.IsCurrent("b", 5));
        Assert.False(changes.IsCurrent("b", 4));
    }

    [Fact]
    public void AStateFromBeforeAChangeIsStaleEvenWhenItIsStoredAfter()
    {
        RecentChanges changes = Started();
        changes.Add("a", 7);

        Assert.False(changes.IsCurrent("a", 6));
        Assert.True(changes.IsCurrent("a", 7));
        Assert.True(changes.IsCurrent("b", 6));
    }

    [Fact]
    public void ChangesMayBeToldTwiceAndInAnyOrder()
    {
        RecentChanges changes = Started();
        changes.Add("a", 9);
        changes.Add("a", 7);
        changes.Add("a", 9);

        Assert.False(changes.IsCurrent("a", 8));
        Assert.True(changes.IsCurrent("a", 9));
    }

    [Fact]
    public void WhatIsForgottenCountsAsChanged()
    {
        RecentChanges changes = Started();
        for (int i = 1; i <= 11; i++)
        {
            changes.Add($"{i}", i);
        }

        Assert.False(changes.IsCurrent("1", 0));
        Assert.False(changes.IsCurrent("never", 0));
        Assert.True(changes.IsCurrent("1", 1));
        Assert.True(changes.MayLackAChange("never", 0));
        Assert.False(changes.MayLackAChange("never", 1));
        Assert.True(changes.MayLackAChange("11", 10));
    }

    [Fact]
    public void AKeyThatChangesOftenIsNotForgottenWithItsFirstChange()
    {
        RecentChanges changes = Started();
        for (int i = 1; i <= 30; i++)
        {
            changes.Add("a", i);
        }

        Assert.False(changes.IsCurrent("a", 29));
        Assert.True(changes.IsCurrent("a", 30));
    }

    private static RecentChanges Started()
    {
        var changes = new RecentChanges(capacity: 10);
        changes.StartAt(0);
        return changes;
    }
}
