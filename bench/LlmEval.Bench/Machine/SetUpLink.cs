using System.Text.RegularExpressions;

namespace LlmEval.Bench.Machine;

/// <summary>The link for the first account, which a server that asks for credentials shows on its console.</summary>
internal static partial class SetUpLink
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <returns>The newest, which is the one that holds.</returns>
    public static async Task<Uri> OfAsync(ServerProcess server, CancellationToken cancel)
    {
        long began = Environment.TickCount64;
        while (true)
        {
            if (Link().Matches(server.Process.ReadLog()).LastOrDefault(m => m.Value.Contains($":{server.Port}/", StringComparison.Ordinal)) is { } match)
            {
                return new Uri(match.Value);
            }

            BenchFailure.Unless(Environment.TickCount64 - began < Patience.TotalMilliseconds, $"no link was shown:\n{server.Process.LastWords()}");
            await Task.Delay(50, cancel);
        }
    }

    [GeneratedRegex(@"http://\S+/setup\?token=\S+")]
    private static partial Regex Link();
}
