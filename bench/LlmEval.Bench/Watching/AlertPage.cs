using LlmEval.Bench.Machine;
using Microsoft.Playwright;

namespace LlmEval.Bench.Watching;

/// <summary>Looks at the page of alerts, as it stands open in a browser and changes by itself.</summary>
internal sealed class AlertPage(IPage page, IReadOnlyList<string> rules)
{
    public static async Task<AlertPage> OpenAsync(Chromium chromium, Uri server, IReadOnlyList<string> rules) =>
        new(await chromium.OpenAsync(new Uri(server, "/alerts")), rules);

    public async Task WatchAsync(Sightings sightings, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                string[] open = await page.Locator(".alerts ul.open > li[data-alert]").EvaluateAllAsync<string[]>("all => all.map(one => one.dataset.alert)");
                foreach (string rule in rules)
                {
                    sightings.Saw(Place.Page, rule, open.Contains(rule));
                }

                await Task.Delay(100, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (PlaywrightException e)
        {
            sightings.Fail($"the page of alerts cannot be read: {e.Message}");
        }
    }
}
