using System.Diagnostics;

namespace LlmEval.Tests.Architecture.Planted;

internal static class AsksClocks
{
    public static async Task<object[]> AskAsync()
    {
        Thread.Sleep(0);
        await Task.Delay(1);
        await Task.CompletedTask.WaitAsync(TimeSpan.Zero);
        using var timer = new PeriodicTimer(TimeSpan.FromDays(1));
        using var limit = new CancellationTokenSource(TimeSpan.FromDays(1));
        return
        [
            DateTime.UtcNow, DateTime.Now, DateTime.Today, DateTimeOffset.UtcNow, DateTimeOffset.Now,
            Environment.TickCount64, Stopwatch.StartNew(), Guid.CreateVersion7(), timer, limit,
        ];
    }
}

internal static class AsksTheTimeProvider
{
    public static async Task<object[]> AskAsync(TimeProvider time, CancellationToken cancel)
    {
        await Task.Delay(TimeSpan.Zero, time, cancel);
        await Task.CompletedTask.WaitAsync(TimeSpan.Zero, time, cancel);
        await Task.CompletedTask.WaitAsync(cancel);
        using var timer = new PeriodicTimer(TimeSpan.FromDays(1), time);
        using var limit = new CancellationTokenSource(TimeSpan.FromDays(1), time);
        using var linked = new CancellationTokenSource();
        return [time.GetUtcNow(), Guid.CreateVersion7(time.GetUtcNow()), timer, limit, linked];
    }
}
