using LlmEval.Web.Access;
using LlmEval.Web.Limits;

namespace LlmEval.Web.Ingestion;

/// <summary>
/// Divides the room for bodies, so that whoever sends large ones slowly does not keep the others out: one sender takes at most half
/// of it, and those of whom nothing is known until all of the body is there take three quarters together. An import that may restore
/// has no share: a line of it may be as large as that.
/// </summary>
internal sealed class BodyShares(BodyBudget budget)
{
    /// <summary>So much of a body is in nobody's share: most are smaller, and cost no counting.</summary>
    private const long Uncounted = 16 * 1024;

    private const string AllUnproven = "unproven";

    private readonly KeyedShares _taken = new();

    private BodyBudget Budget => budget;

    private long Half => budget.Most / 2;

    /// <summary>The room for one body of a caller who was let in. This machine's own has no share while nothing is set up, as it has no limits.</summary>
    public IBodyRoom Of(HttpContext context) => new KnownShare(this, context);

    /// <summary>The room for one body of a sender whose signature is checked when it is there.</summary>
    public IBodyRoom OfUnproven(string network) => new UnprovenShare(this, $"{AllUnproven}-{network}");

    private sealed class KnownShare(BodyShares all, HttpContext context) : IBodyRoom
    {
        private long _held;
        private string? _sender;

        public bool TryTake(long bytes)
        {
            if (!all.Budget.TryTake(bytes))
            {
                return false;
            }

            long more = Counted(_held + bytes) - Counted(_held);
            if (more > 0)
            {
                _sender ??= CallerPartition.Of(context, Caller.Of(context)) ?? "";
                if (_sender.Length > 0 && !all._taken.TryTake(_sender, all.Half, more))
                {
                    all.Budget.Return(bytes);
                    return false;
                }
            }

            _held += bytes;
            return true;
        }

        public void Return(long bytes)
        {
            all.Budget.Return(bytes);
            long less = Counted(_held) - Counted(_held - bytes);
            _held -= bytes;
            if (less > 0 && _sender is { Length: > 0 })
            {
                all._taken.GiveBack(_sender, less);
            }
        }

        private static long Counted(long held) => Math.Max(0, held - Uncounted);
    }

    private sealed class UnprovenShare(BodyShares all, string sender) : IBodyRoom
    {
        public bool TryTake(long bytes)
        {
            if (!all._taken.TryTake(sender, all.Half, bytes))
            {
                return false;
            }

            if (!all._taken.TryTake(AllUnproven, all.Half + all.Half / 2, bytes))
            {
                all._taken.GiveBack(sender, bytes);
                return false;
            }

            if (!all.Budget.TryTake(bytes))
            {
                all._taken.GiveBack(AllUnproven, bytes);
                all._taken.GiveBack(sender, bytes);
                return false;
            }

            return true;
        }

        public void Return(long bytes)
        {
            all.Budget.Return(bytes);
            all._taken.GiveBack(AllUnproven, bytes);
            all._taken.GiveBack(sender, bytes);
        }
    }
}
