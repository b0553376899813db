using LlmEval.Core.Access;
using LlmEval.Core.Storage;
using LlmEval.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace LlmEval.Tests.Access;

/// <summary>Whoever has no good credentials makes the database be asked; many of them make it be asked once.</summary>
public class AccessDirectoryTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OfManyWhoWaitOneLooks(bool fails)
    {
        await using TestCore core = await TestCore.StartAsync(DatabaseKind.Sqlite);
        var databases = new HeldDatabases(core.Databases);
        using var directory = new AccessDirectory(databases, _time);
        await directory.RefreshAsync(Cancel);
        _time.Advance(TimeSpan.FromSeconds(1));
        databases.Hold();

        Task[] waiting = [.. Enumerable.Range(0, 20).Select(_ => directory.CatchUpAsync(Cancel))];
        databases.Release(fails);
        await Task.WhenAll(waiting);
        await directory.CatchUpAsync(Cancel);

        Assert.Equal(2, databases.Asked);
    }

    [Fact]
    public async Task ADatabaseThatHangsHoldsThemForTwoSeconds()
    {
        await using TestCore core = await TestCore.StartAsync(DatabaseKind.Sqlite);
        var databases = new HeldDatabases(core.Databases);
        using var directory = new AccessDirectory(databases, _time);
        await directory.RefreshAsync(Cancel);
        _time.Advance(TimeSpan.FromSeconds(1));
        databases.Hold();
        Task waiting = directory.CatchUpAsync(Cancel);
        Assert.False(waiting.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(2));

        await waiting.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
    }

    [Theory, EveryDatabase]
    public async Task WhatWasWrittenIsDoneEvenIfItCannotBeReadBack(DatabaseKind kind)
    {
        await using TestCore core = await TestCore.StartAsync(kind, (services, _) => services.AddAccess());
        var databases = new HeldDatabases(core.Databases);
        using var directory = new AccessDirectory(databases, _time);
        databases.Hold();
        databases.Release(fails: true);
        var keys = new ApiKeys(core.Databases, new AccessChanges(core.Get<AuditedChanges>(), directory));

        NewApiKey made = await keys.CreateAsync(Projects.Default, new ApiKeyRequest("a key", Rights.Read, null), new Actor("Tester"), Cancel);

        Assert.Contains(await keys.ListAsync(Projects.Default, Cancel), key => key.Id == made.Key.Id);
    }

    /// <summary>A database that answers when the test says so.</summary>
    private sealed class HeldDatabases(IDbContextFactory<LlmEvalDb> inner) : IDbContextFactory<LlmEvalDb>
    {
        private TaskCompletionSource? _held;
        private int _asked;

        public int Asked => _asked;

        public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release(bool fails)
        {
            if (fails)
            {
                _held!.SetException(new TimeoutException("The database is away."));
            }
            else
            {
                _held!.SetResult();
            }
        }

        public LlmEvalDb CreateDbContext() => throw new NotSupportedException();

        public async Task<LlmEvalDb> CreateDbContextAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            await (_held?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask);
            return await inner.CreateDbContextAsync(cancellationToken);
        }
    }
}
