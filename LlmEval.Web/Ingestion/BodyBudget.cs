using Microsoft.Extensions.Options;

namespace LlmEval.Web.Ingestion;

/// <summary>
/// How much memory the bodies of requests take in this process, all together: many large ones at a time are refused, not what holds
/// everything else. Counted is what has arrived, since a length is only a claim.
/// </summary>
internal sealed class BodyBudget(IOptions<WebhookOptions> options) : IBodyRoom
{
    private readonly long _most = options.Value.BytesInFlight;
    private long _taken;

    /// <summary>What bodies take now.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>All of it.</summary>
    public long Most => _most;

    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= _most)
        {
            return true;
        }

        Return(bytes);
        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref _taken, -bytes);
}

/// <summary>There is no room for this body now; there will be.</summary>
internal sealed class BodyBudgetException : Exception;
