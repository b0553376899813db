using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using Microsoft.EntityFrameworkCore;

namespace LlmEval.Core.Access;

/// <summary>
/// Holds the book of who may do what, so that no request waits for the database to be let in. While the database is away the last
/// book holds: nobody can be let in or turned out then on any replica.
/// </summary>
public sealed class AccessDirectory(IDbContextFactory<LlmEvalDb> databases, TimeProvider time) : IDisposable
{
    /// <summary>Whoever guesses tokens makes us ask the database no more often than this.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    /// <summary>A database that hangs holds nobody longer who has no good credentials.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly Signal _changed = new();
    private AccessBook? _book;
    private long _lookedAt;

    /// <summary>Null before the first was read.</summary>
    public AccessBook? Known => Volatile.Read(ref _book);

    /// <exception cref="StorageNotReadyException">The first was not read yet.</exception>
    public AccessBook Book => Known ?? throw new StorageNotReadyException();

    /// <summary>Completes at the next change after it was read: read it first, then the book.</summary>
    public Task Changed => _changed.Next;

    /// <summary>Takes in what was changed here or on another replica.</summary>
    public Task RefreshAsync(CancellationToken cancel) => LookAsync(unlessSince: long.MaxValue, cancel);

    /// <param name="unlessSince">Nothing is done when another look began at this moment or later.</param>
    private async Task LookAsync(long unlessSince, CancellationToken cancel)
    {
        await _reading.WaitAsync(cancel);
        bool isRead = false;
        try
        {
            if (Volatile.Read(ref _lookedAt) >= unlessSince)
            {
                isRead = true;
                return;
            }

            long began = time.GetTimestamp();
            await using LlmEvalDb db = await databases.CreateDbContextAsync(cancel);

            // Before the rows: what is changed while they are read has a later version, and is read at the next look.
            long version = await db.Set<AccessHead>().Select(h => h.Version).SingleAsync(cancel);
            Volatile.Write(ref _lookedAt, began);
            isRead = true;
            if (_book?.Version == version)
            {
                return;
            }

            DateTime now = time.UtcNow();
            DateTime idle = now - Sessions.Idle;
            var rows = new AccessRows(
                version,
                await db.Set<AccessHead>().Select(h => h.IsSetUp).SingleAsync(cancel),
                await db.Set<Project>().ToListAsync(cancel),
                await db.Set<ApiKey>().ToListAsync(cancel),
                await db.Set<User>().ToListAsync(cancel),
                await db.Set<Membership>().ToListAsync(cancel),
                await db.Set<Session>().Where(s => s.ExpiresAt > now && s.SeenAt > idle).ToListAsync(cancel),
                await db.Set<WebhookSecret>().ToListAsync(cancel));
            Volatile.Write(ref _book, new AccessBook(rows));
            _changed.Raise();
        }
        finally
        {
            if (!isRead)
            {
                // Whoever waited for this look does not wait for another that fails as well.
                Volatile.Write(ref _lookedAt, time.GetTimestamp());
            }

            _reading.Release();
        }
    }

    /// <summary>For a credential that the book does not know: it may have been made a moment ago on another replica.</summary>
    public async Task CatchUpAsync(CancellationToken cancel)
    {
        if (_book is null || time.GetElapsedTime(Volatile.Read(ref _lookedAt)) < BetweenLooks)
        {
            return;
        }

        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            await LookAsync(unlessSince: time.GetTimestamp(), either.Token);
        }
        catch (Exception e) when (Outage.Is(e) || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
        }
    }

    public void Dispose() => _reading.Dispose();
}
