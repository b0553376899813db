using LlmEval.Core.Storage;
using LlmEval.Core.Traces;

namespace LlmEval.Web.Traces;

/// <summary>Reads traces of which events do not tell whether they belong to a list.</summary>
internal sealed class TraceLookups(TraceReads reads) : IDisposable
{
    /// <summary>With more in one batch, reading the list again is cheaper.</summary>
    private const int Most = 20;

    private CancellationTokenSource _list = new();

    /// <summary>Another list is being read: it contains what is looked for now.</summary>
    public void StartOver()
    {
        _list.Cancel();
        _list.Dispose();
        _list = new CancellationTokenSource();
    }

    /// <param name="found">Called for each that is there.</param>
    /// <returns>False when only reading the list again tells.</returns>
    public async Task<bool> FindAsync(IReadOnlyCollection<string> traceIds, Action<Trace> found)
    {
        if (traceIds.Count > Most)
        {
            return false;
        }

        CancellationToken cancel = _list.Token;
        bool all = true;
        foreach (string traceId in traceIds)
        {
            try
            {
                TraceDetail? detail = await reads.Find(traceId, cancel);
                if (cancel.IsCancellationRequested)
                {
                    return true;
                }

                if (detail is { Trace: var trace })
                {
                    found(trace);
                }
            }
            catch (Exception e) when (Outage.Is(e))
            {
                all = false;
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return true;
            }
        }

        return all;
    }

    public void Dispose() => _list.Cancel();
}
