using System.Collections.Concurrent;
using LlmEval.Core.Ingestion;
using LlmEval.Core.Traces;
using Microsoft.Extensions.Options;

namespace LlmEval.Tests.Support;

/// <summary>The intake's queue with a writer behind it that stores in memory, and can be told to hold still or to fail.</summary>
internal sealed class FakeIntake : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private volatile TaskCompletionSource _open = new();

    public FakeIntake(int queueTraces = 100_000)
    {
        Queue = new IngestionQueue(Options.Create(new IngestionOptions { QueueTraces = queueTraces }), TimeProvider.System);
        _open.SetResult();
        _loop = LoopAsync();
    }

    public IngestionQueue Queue { get; }

    /// <summary>What is stored, in the order of arrival.</summary>
    public ConcurrentQueue<Trace> Stored { get; } = [];

    /// <summary>The answer to everything from now on.</summary>
    public IngestFailure Failure { get; set; }

    /// <summary>The id of a trace that the database cannot hold.</summary>
    public string? Refused { get; set; }

    /// <summary>The largest number of traces in one request.</summary>
    public int LargestRequest { get; private set; }

    public void Hold() => _open = new TaskCompletionSource();

    public void Resume() => _open.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Resume();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task LoopAsync()
    {
        while (await Queue.WaitAsync(_stop.Token))
        {
            await _open.Task;
            if (!Queue.TryTake(out IngestRequest? request))
            {
                continue;
            }

            Queue.Release(request);
            request.Complete(Answer(request));
        }
    }

    private IngestReceipt Answer(IngestRequest request)
    {
        LargestRequest = Math.Max(LargestRequest, request.Traces.Length);
        if (Failure != IngestFailure.None)
        {
            return new IngestReceipt(Failure, [], []);
        }

        IngestOutcome[] outcomes = [.. request.Traces.Select(prepared => Store(prepared.Trace))];
        return new IngestReceipt(
            IngestFailure.None,
            outcomes,
            outcomes.Contains(IngestOutcome.Refused) ? [.. outcomes.Select(o => o == IngestOutcome.Refused ? "too odd" : null)] : []);
    }

    private IngestOutcome Store(Trace trace)
    {
        if (trace.TraceId == Refused)
        {
            return IngestOutcome.Refused;
        }

        Trace? before = Stored.FirstOrDefault(stored => stored.TraceId == trace.TraceId);
        if (before is not null)
        {
            return before.ContentHash.AsSpan().SequenceEqual(trace.ContentHash) ? IngestOutcome.AlreadyStored : IngestOutcome.Conflict;
        }

        Stored.Enqueue(trace);
        return IngestOutcome.Stored;
    }
}
