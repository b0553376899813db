using System.Diagnostics;
using System.Globalization;
using LlmEval.Bench.Load;
using Microsoft.Playwright;

namespace LlmEval.Bench.Runs;

/// <summary>Notes in the page which rows each frame shows for the first time.</summary>
internal sealed class ShownRows
{
    // In the frame that follows a change, right before it is painted.
    private const string Watch =
        """
        () => {
            const seen = new Set([...document.querySelectorAll('tr[data-trace]')].map(row => row.dataset.trace));
            window.shownRows = [];
            let waiting = false;
            const look = () => {
                waiting = false;
                const fresh = [...document.querySelectorAll('tr[data-trace]')].map(row => row.dataset.trace).filter(id => !seen.has(id));
                fresh.forEach(id => seen.add(id));
                if (fresh.length > 0) {
                    window.shownRows.push({ at: performance.timeOrigin + performance.now(), ids: fresh });
                }
            };
            new MutationObserver(() => {
                if (!waiting) {
                    waiting = true;
                    requestAnimationFrame(look);
                }
            }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-trace'] });
        }
        """;

    private readonly IPage _page;

    private ShownRows(IPage page) => _page = page;

    public static async Task<ShownRows> WatchAsync(IPage page)
    {
        await page.EvaluateAsync(Watch);
        return new ShownRows(page);
    }

    /// <summary>The delay of every trace sent: until its row, or the row of a later one, was shown.</summary>
    /// <param name="began">They were sent at fixed times from then on, in ticks.</param>
    /// <param name="rate">So many a second.</param>
    public async Task<(Latencies Delays, int Frames)> DelaysAsync(long began, double rate, long sent)
    {
        Frame[] frames = await _page.EvaluateAsync<Frame[]>("() => window.shownRows");
        BenchFailure.Unless(frames.Length > 0, "the page showed no trace");
        double ticksPerTrace = Stopwatch.Frequency / rate;
        double clock = Stopwatch.GetTimestamp() - ((DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds * Stopwatch.Frequency);
        var delays = new Latencies();
        double shownUpTo = began - ticksPerTrace;
        foreach (Frame frame in frames)
        {
            long newest = frame.Ids.Max(SentAt);
            double at = clock + (frame.At / 1_000 * Stopwatch.Frequency);

            // From the newest back to what the frame before had shown.
            for (double sentAt = newest; sentAt > shownUpTo + (ticksPerTrace / 2) && delays.Count < sent; sentAt -= ticksPerTrace)
            {
                delays.Add((long)(at - sentAt));
            }

            shownUpTo = Math.Max(shownUpTo, newest);
        }

        BenchFailure.Unless(delays.Count >= sent * 0.99, $"of {sent} traces the page showed no more than {delays.Count}");
        return (delays, frames.Length);
    }

    private static long SentAt(string traceId) => long.Parse(traceId.AsSpan(17), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private sealed class Frame
    {
        /// <summary>Milliseconds since 1970.</summary>
        public double At { get; set; }

        public string[] Ids { get; set; } = [];
    }
}
