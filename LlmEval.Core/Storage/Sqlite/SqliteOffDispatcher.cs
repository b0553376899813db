using System.Data.Common;
using System.Threading.Tasks.Sources;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace LlmEval.Core.Storage.Sqlite;

/// <summary>
/// Sends what a page asks to the thread pool. SQLite's provider works in the calling thread even when it is awaited, and a page's is the one
/// that answers its clicks: a count of a large queue would hold the page for as long.
/// </summary>
/// <remarks>
/// The context awaits this without coming back to the page, so that the rows are read where the command runs. Who reads row by row has to
/// await them so too.
/// </remarks>
internal sealed class SqliteOffDispatcher : DbCommandInterceptor
{
    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
        GoOn(result);

    public override ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default) =>
        GoOn(result);

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
        GoOn(result);

    private static ValueTask<T> GoOn<T>(T result) =>
        SynchronizationContext.Current is null ? new ValueTask<T>(result) : new ValueTask<T>(new InPool<T>(result), token: 0);

    /// <summary>
    /// Whoever awaits it goes on in the pool. A task that is completed there is no such thing: completed before it is awaited, it does not
    /// make anybody change threads.
    /// </summary>
    private sealed class InPool<T>(T result) : IValueTaskSource<T>
    {
        private volatile bool _isAwaited;

        public ValueTaskSourceStatus GetStatus(short token) => _isAwaited ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        {
            _isAwaited = true;
            ThreadPool.UnsafeQueueUserWorkItem(continuation, state, preferLocal: false);
        }

        public T GetResult(short token) => result;
    }
}
