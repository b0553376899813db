namespace LlmEval.Tests.Support;

/// <summary>Waits for what happens on its own, in real time.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Task TrueAsync(Func<bool> condition) => TrueAsync(() => Task.FromResult(condition()));

    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan? patience = null)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < (patience ?? Patience), "It did not happen.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
