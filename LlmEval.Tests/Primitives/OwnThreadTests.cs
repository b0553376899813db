using LlmEval.Core.Primitives;

namespace LlmEval.Tests.Primitives;

public class OwnThreadTests
{
    [Fact]
    public async Task WorkRunsOnOneThreadOfItsOwn()
    {
        using var thread = new OwnThread("Work");
        (Thread first, Thread second) = (await thread.RunAsync(() => Thread.CurrentThread), await thread.RunAsync(() => Thread.CurrentThread));

        Assert.Same(first, second);
        Assert.Equal("Work", first.Name);
        Assert.False(first.IsThreadPoolThread);
    }

    [Fact]
    public async Task WhatGoesWrongReachesWhoeverWaitsAndTheThreadGoesOn()
    {
        using var thread = new OwnThread("Work");

        await Assert.ThrowsAsync<InvalidDataException>(() => thread.RunAsync<int>(() => throw new InvalidDataException()));
        Assert.Throws<InvalidDataException>(() => OwnThread.WaitFor(thread.RunAsync<int>(() => throw new InvalidDataException())));
        Assert.Equal(3, OwnThread.WaitFor(thread.RunAsync(() => 3)));
    }

    [Fact]
    public async Task AWaitEndsWithTheWork()
    {
        using var thread = new OwnThread("Work");
        using var gate = new SemaphoreSlim(0);
        Task<int> work = thread.RunAsync(() =>
        {
            gate.Wait();
            return 1;
        });
        Task<int> waiting = Task.Factory.StartNew(
            () => OwnThread.WaitFor(work), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        Assert.False(waiting.IsCompleted);
        gate.Release();
        Assert.Equal(1, await waiting);
    }

    [Fact]
    public async Task TheThreadEndsAfterWhatItWasGiven()
    {
        var thread = new OwnThread("Work");
        using var gate = new SemaphoreSlim(0);
        Task<Thread> work = thread.RunAsync(() =>
        {
            gate.Wait();
            return Thread.CurrentThread;
        });
        thread.Dispose();
        gate.Release();

        Assert.True((await work).Join(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void OneThatWasNeverUsedHasNoThreadToEnd() => new OwnThread("Work").Dispose();
}
