using LlmEval.Core.Events;
using LlmEval.Core.Primitives;
using LlmEval.Core.Storage;
using LlmEval.Core.Writing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Ingestion;

/// <summary>
/// The one writer. It takes whatever waits and stores it in one transaction; then events go to the hub and every request gets its
/// answer. While it stores, the next batch gathers and the answers of the one before go out: load makes batches bigger, not answers
/// later.
/// </summary>
internal sealed partial class IngestionWriter(
    IngestionQueue queue,
    MessageBatchWriter batches,
    EventPublisher publisher,
    StorageReadiness readiness,
    IngestionMetrics metrics,
    IOptions<IngestionOptions> options,
    TimeProvider time,
    ILogger<IngestionWriter> logger) : BackgroundService
{
    private static readonly IngestReceipt Unavailable = new(IngestFailure.Unavailable, [], []);
    private static readonly IngestReceipt OneStored = new(IngestFailure.None, [IngestOutcome.Stored], []);

    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(1);

    // On the pool, answers would wait behind all that requests have put into its line.
    private readonly OwnThread _answers = new("Answers");

    private bool _away;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Requests that are in the queue when the process stops are still stored: closing lets the loop run dry.
        using CancellationTokenRegistration closing = stoppingToken.Register(queue.Close);
        Task answering = Task.CompletedTask;
        var next = new Batch();
        var last = new Batch();
        while (await queue.WaitAsync(CancellationToken.None))
        {
            Take(next);

            // Goes on upon the thread that stored it, which so takes and sends the next batch without anybody being woken.
            next.IsStored = await StoreTimedAsync(next);
            await answering;
            Batch stored = next;
            answering = _answers.RunAsync(() => Finish(stored));
            (last, next) = (next, last);
            if (_away)
            {
                await answering;
                RefuseWhoWaited(next);
            }
        }

        await answering;
        _answers.Dispose();
    }

    private void Take(Batch batch)
    {
        long bytes = 0;
        while (queue.TryPeek(out IngestRequest? next)
            && (batch.Requests.Count == 0
                || (batch.Traces.Count + next.Traces.Length <= options.Value.BatchTraces && bytes + next.Bytes <= options.Value.BatchBytes)))
        {
            queue.TryTake(out _);
            batch.Requests.Add(next);
            if (next.Message is { } message)
            {
                batch.Messages.Add(new MessageTraces(message, batch.Traces.Count, next.Traces.Length));
            }

            batch.Traces.AddRange(next.Traces);
            bytes += next.Bytes;
        }

        batch.Results = new WriteResult[batch.Traces.Count];
        batch.TakenAt = time.GetTimestamp();
    }

    /// <summary>
    /// A database that stands still is found out only by waiting. Whoever waited behind the batch that found out does not wait for
    /// the next one to find out again.
    /// </summary>
    private void RefuseWhoWaited(Batch refused)
    {
        while (queue.TryPeek(out IngestRequest? waiting) && time.GetElapsedTime(waiting.QueuedAt) > LongEnough && queue.TryTake(out _))
        {
            refused.Requests.Add(waiting);
            refused.Traces.AddRange(waiting.Traces);
        }

        refused.Results = new WriteResult[refused.Traces.Count];
        refused.IsStored = false;
        refused.TakenAt = time.GetTimestamp();
        metrics.Count(refused.Results, stored: false);
        Finish(refused);
    }

    private async Task<bool> StoreAsync(Batch batch)
    {
        try
        {
            readiness.ThrowIfNotReady();
            await batches.WriteAsync(batch.Traces, batch.Messages, batch.Results, batch.Committed, CancellationToken.None);
            NoteAway(null);
            return true;
        }
        catch (Exception e) when (Outage.Is(e))
        {
            NoteAway(Outage.Reason(e));
        }
        catch (Exception e)
        {
            // Whatever it is, the callers must not wait for ever and the writer must go on. Sending again is safe.
            Log.Failed(logger, batch.Traces.Count, e);
        }

        return false;
    }

    /// <summary>Times the store, whether it went well or not.</summary>
    private async Task<bool> StoreTimedAsync(Batch batch)
    {
        bool stored = await StoreAsync(batch);
        metrics.Time(IngestionStage.Store, time.GetElapsedTime(batch.TakenAt));
        metrics.Count(batch.Results, stored);
        return stored;
    }

    /// <summary>Hands the events of a batch to the hub, answers its requests and empties it.</summary>
    /// <returns>How many traces it had.</returns>
    private int Finish(Batch batch)
    {
        // Before the answers: a stream that a caller opens after its answer begins behind its trace.
        if (batch.Committed.Count > 0)
        {
            long stored = time.GetTimestamp();
            foreach (CommittedEvents committed in batch.Committed)
            {
                publisher.Publish(committed.FirstId, committed.Events);
            }

            metrics.Time(IngestionStage.Publish, time.GetElapsedTime(stored));
        }

        int at = 0;
        long now = time.GetTimestamp();
        foreach (IngestRequest request in batch.Requests)
        {
            ReadOnlySpan<WriteResult> own = batch.Results.AsSpan(at, request.Traces.Length);
            at += request.Traces.Length;
            queue.Release(request);
            metrics.Time(IngestionStage.Wait, time.GetElapsedTime(request.QueuedAt, batch.TakenAt));
            metrics.Time(IngestionStage.Total, time.GetElapsedTime(request.QueuedAt, now));
            request.Complete(batch.IsStored ? ReceiptOf(own) : Unavailable);
        }

        batch.Clear();
        return at;
    }

    private static IngestReceipt ReceiptOf(ReadOnlySpan<WriteResult> results)
    {
        if (results is [{ Outcome: WriteOutcome.Stored }])
        {
            return OneStored;
        }

        var outcomes = new IngestOutcome[results.Length];
        string?[] refusals = [];
        for (int i = 0; i < results.Length; i++)
        {
            outcomes[i] = results[i].Outcome switch
            {
                WriteOutcome.Stored => IngestOutcome.Stored,
                WriteOutcome.SameStored => IngestOutcome.AlreadyStored,
                WriteOutcome.OtherStored => IngestOutcome.Conflict,
                _ => IngestOutcome.Refused,
            };
            if (results[i].Reason is { } reason)
            {
                refusals = refusals.Length == 0 ? new string?[results.Length] : refusals;
                refusals[i] = reason;
            }
        }

        return new IngestReceipt(IngestFailure.None, outcomes, refusals);
    }

    // One line when the database goes and one when it is back: under load there would be thousands.
    private void NoteAway(string? reason)
    {
        bool away = reason is not null;
        if (away == _away)
        {
            return;
        }

        _away = away;
        if (away)
        {
            Log.Away(logger, reason!);
        }
        else
        {
            Log.Back(logger);
        }
    }

    /// <summary>What one transaction stores.</summary>
    private sealed class Batch
    {
        public List<IngestRequest> Requests { get; } = [];

        public List<PreparedTrace> Traces { get; } = [];

        public List<MessageTraces> Messages { get; } = [];

        public List<CommittedEvents> Committed { get; } = [];

        public WriteResult[] Results { get; set; } = [];

        public bool IsStored { get; set; }

        /// <summary>When the writer took it from the queue.</summary>
        public long TakenAt { get; set; }

        public void Clear()
        {
            Requests.Clear();
            Traces.Clear();
            Messages.Clear();
            Committed.Clear();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Error, "Traces cannot be stored, the database is away; senders are told to try again: {Reason}")]
        public static partial void Away(ILogger logger, string reason);

        [LoggerMessage(21, LogLevel.Error, "{Count} traces could not be stored.")]
        public static partial void Failed(ILogger logger, int count, Exception e);

        [LoggerMessage(22, LogLevel.Information, "Traces are stored again.")]
        public static partial void Back(ILogger logger);
    }
}
