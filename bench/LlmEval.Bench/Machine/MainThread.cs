using System.Diagnostics;
using System.Text.Json;
using Microsoft.Playwright;

namespace LlmEval.Bench.Machine;

/// <summary>What a tab costs its browser over a stretch of a run.</summary>
/// <param name="Busy">Of the time of the tab's main thread.</param>
/// <param name="Script">Of that time, in scripts; the rest is style, layout and paint.</param>
/// <param name="Seconds">How long that was.</param>
internal readonly record struct TabUse(double Busy, double Script, double Seconds);

/// <summary>Reads what a tab does, by the protocol of its developer tools.</summary>
internal sealed class MainThread
{
    private readonly ICDPSession _tools;
    private (double Task, double Script, long At) _start;

    private MainThread(ICDPSession tools) => _tools = tools;

    public static async Task<MainThread> WatchAsync(IPage page)
    {
        var thread = new MainThread(await page.Context.NewCDPSessionAsync(page));
        await thread._tools.SendAsync("Performance.enable");
        return thread;
    }

    public async Task StartAsync() => _start = await ReadAsync();

    public async Task<TabUse> StopAsync()
    {
        var end = await ReadAsync();
        double seconds = Stopwatch.GetElapsedTime(_start.At, end.At).TotalSeconds;
        return new TabUse((end.Task - _start.Task) / seconds, (end.Script - _start.Script) / seconds, seconds);
    }

    private async Task<(double Task, double Script, long At)> ReadAsync()
    {
        JsonElement metrics = (await _tools.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics");
        Dictionary<string, double> values = metrics.EnumerateArray()
            .ToDictionary(m => m.GetProperty("name").GetString()!, m => m.GetProperty("value").GetDouble());
        return (values["TaskDuration"], values["ScriptDuration"], Stopwatch.GetTimestamp());
    }
}
