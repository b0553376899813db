using LlmEval.Core.Primitives;

namespace LlmEval.Tests.Primitives;

// Nothing is awaited here: the rest of a test would go on upon the thread that it tests.
public class OwnThreadTests
{
    [Fact]
    public void WorkRunsOnOneThreadOfItsOwn()
    {
        using var thread = new OwnThread("Work");
        Thread first = ResultOf(thread.RunAsync(() => Thread.CurrentThread));
        Thread second = ResultOf(thread.RunAsync(() => Thread.CurrentThread));

        Assert.Same(first, second);
        Assert.Equal("Work", first.Name);
        Assert.NotSame(Thread.CurrentThread, first);
    }

    [Fact]
    public void WhatGoesWrongReachesWhoeverWaitsAndTheThreadGoesOn()
    {
        using var thread = new OwnThread("Work");

        Assert.Throws<InvalidDataException>(() => ResultOf(thread.RunAsync<int>(() => throw new InvalidDataException())));
        Assert.Equal(3, ResultOf(thread.RunAsync(() => 3)));
    }

    [Fact]
    public void WorkIsBegunWithoutWaitingForIt()
    {
        using var thread = new OwnThread("Work");
        using var gate = new SemaphoreSlim(0);
        Task<bool> work = thread.RunAsync(() => gate.Wait(TimeSpan.FromSeconds(30)));

        Assert.False(work.IsCompleted);
        gate.Release();
        Assert.True(ResultOf(work));
    }

    [Fact]
    public void TheThreadEndsAfterWhatItWasGiven()
    {
        var thread = new OwnThread("Work");
        using var gate = new SemaphoreSlim(0);
        Task<Thread> work = thread.RunAsync(() =>
        {
            gate.Wait(TimeSpan.FromSeconds(30));
            return Thread.CurrentThread;
        });
        thread.Dispose();
        gate.Release();

        Assert.True(ResultOf(work).Join(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void ASecondPieceOfWorkIsRefusedWhileTheFirstHasNotBegun()
    {
        using var thread = new OwnThread("Work");
        using var gate = new SemaphoreSlim(0);
        using var begun = new SemaphoreSlim(0);
        Task<bool> first = thread.RunAsync(() =>
        {
            begun.Release();
            return gate.Wait(TimeSpan.FromSeconds(30));
        });
        Assert.True(begun.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Task<int> second = thread.RunAsync(() => 2);

        Assert.Throws<InvalidOperationException>(() => { _ = thread.RunAsync(() => 3); });
        gate.Release();
        Assert.True(ResultOf(first));
        Assert.Equal(2, ResultOf(second));
    }

    [Fact]
    public void OneThatWasNeverUsedHasNoThreadToEnd() => new OwnThread("Work").Dispose();

    private static T ResultOf<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
