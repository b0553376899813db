using LlmEval.Core.Ingestion;

namespace LlmEval.Web.Ingestion;

/// <summary>
/// Submits the traces of an import in chunks and in order: the next chunk is put in while the last one waits for its commit, but
/// never before that one has its place in the queue.
/// </summary>
/// <param name="pace">Waits until so many traces may be stored.</param>
internal sealed class ImportPipeline(IngestionQueue queue, Func<int, ValueTask> pace, TimeProvider time, ImportTally tally)
{
    private const int ChunkTraces = 200;
    private const int ChunkBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private List<ImportedItem> _chunk = new(ChunkTraces);
    private long _chunkBytes;
    private List<ImportedItem> _sent = [];
    private Task<IngestReceipt>? _receipt;

    /// <returns>Why the import cannot go on, if it cannot.</returns>
    public async ValueTask<IngestFailure> AddAsync(ImportedItem item, CancellationToken cancel)
    {
        _chunk.Add(item);
        _chunkBytes += item.Trace.Bytes;
        return _chunk.Count >= ChunkTraces || _chunkBytes >= ChunkBytes ? await SubmitAsync(cancel) : IngestFailure.None;
    }

    /// <summary>Submits what is left and waits for all of it.</summary>
    public async ValueTask<IngestFailure> FinishAsync(CancellationToken cancel)
    {
        IngestFailure failure = _chunk.Count > 0 ? await SubmitAsync(cancel) : IngestFailure.None;
        IngestFailure last = await CollectAsync();
        return failure == IngestFailure.None ? last : failure;
    }

    /// <summary>Waits for what is on its way, and leaves the rest.</summary>
    public async ValueTask AbandonAsync() => await CollectAsync();

    private async ValueTask<IngestFailure> SubmitAsync(CancellationToken cancel)
    {
        await pace(_chunk.Count);
        NewTrace[] traces = [.. _chunk.Select(item => item.Trace)];
        TimeSpan wait = FirstWait;
        long start = time.GetTimestamp();
        while (true)
        {
            Task<IngestReceipt> receipt = queue.SubmitAsync(traces, cancel).AsTask();

            // A refusal for want of room comes at once; anything else has its place, and the chunk before comes first.
            IngestFailure before = await CollectAsync();
            if (receipt.IsCompletedSuccessfully && (await receipt).Failure == IngestFailure.Full && before == IngestFailure.None)
            {
                if (time.GetElapsedTime(start) > Patience)
                {
                    return IngestFailure.Full;
                }

                await Task.Delay(wait, time, cancel);
                wait = TimeSpan.FromTicks(Math.Min(LongestWait.Ticks, wait.Ticks * 2));
                continue;
            }

            (_sent, _chunk) = (_chunk, _sent);
            _chunk.Clear();
            _chunkBytes = 0;
            _receipt = receipt;
            return before;
        }
    }

    /// <summary>Counts the chunk that is on its way, once it is answered.</summary>
    private async ValueTask<IngestFailure> CollectAsync()
    {
        if (_receipt is null)
        {
            return IngestFailure.None;
        }

        IngestReceipt receipt = await _receipt;
        _receipt = null;
        for (int i = 0; i < receipt.Outcomes.Count; i++)
        {
            tally.Add(_sent[i], receipt.Outcomes[i], i < receipt.Refusals.Count ? receipt.Refusals[i] : null);
        }

        return receipt.Failure;
    }
}
