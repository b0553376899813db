using LlmEval.Core.Events;
using LlmEval.Core.Storage;
using LlmEval.Core.Writing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LlmEval.Core.Ingestion;

/// <summary>
/// The one writer. It takes whatever waits, stores it in one transaction, answers every request in it and only then hands the
/// events to the hub. While it stores, the next batch gathers: load makes batches bigger, not answers later.
/// </summary>
internal sealed partial class IngestionWriter(
    IngestionQueue queue,
    TraceBatchWriter batches,
    EventPublisher publisher,
    StorageReadiness readiness,
    IOptions<IngestionOptions> options,
    ILogger<IngestionWriter> logger) : BackgroundService
{
    private static readonly IngestReceipt Unavailable = new(IngestFailure.Unavailable, [], []);
    private static readonly IngestReceipt OneStored = new(IngestFailure.None, [IngestOutcome.Stored], []);

    private readonly List<IngestRequest> _requests = [];
    private readonly List<PreparedTrace> _traces = [];
    private readonly List<CommittedEvents> _committed = [];
    private bool _away;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Requests that are in the queue when the process stops are still stored: closing lets the loop run dry.
        await using CancellationTokenRegistration closing = stoppingToken.Register(queue.Close);
        while (await queue.WaitAsync(CancellationToken.None))
        {
            TakeBatch();
            await StoreAsync();
        }
    }

    private void TakeBatch()
    {
        _requests.Clear();
        _traces.Clear();
        long bytes = 0;
        while (queue.TryPeek(out IngestRequest? next)
            && (_requests.Count == 0
                || (_traces.Count + next.Traces.Length <= options.Value.BatchTraces && bytes + next.Bytes <= options.Value.BatchBytes)))
        {
            queue.TryTake(out _);
            _requests.Add(next);
            _traces.AddRange(next.Traces);
            bytes += next.Bytes;
        }
    }

    private async Task StoreAsync()
    {
        _committed.Clear();
        var results = new WriteResult[_traces.Count];
        try
        {
            readiness.ThrowIfNotReady();
            await batches.WriteAsync(_traces, results, _committed, CancellationToken.None);
            Answer(results);
            NoteAway(null);
        }
        catch (Exception e) when (Outage.Is(e))
        {
            Fail();
            NoteAway(e.Message);
        }
        catch (Exception e)
        {
            // Whatever it is, the callers must not wait for ever and the writer must go on. Sending again is safe.
            Log.Failed(logger, _traces.Count, e);
            Fail();
        }

        foreach (CommittedEvents batch in _committed)
        {
            publisher.Publish(batch.FirstId, batch.Events);
        }
    }

    private void Answer(WriteResult[] results)
    {
        int at = 0;
        foreach (IngestRequest request in _requests)
        {
            ReadOnlySpan<WriteResult> own = results.AsSpan(at, request.Traces.Length);
            at += request.Traces.Length;
            queue.Release(request);
            request.Complete(ReceiptOf(own));
        }
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

    private void Fail()
    {
        foreach (IngestRequest request in _requests)
        {
            queue.Release(request);
            request.Complete(Unavailable);
        }
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
