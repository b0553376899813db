using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;

namespace LlmEval.Bench.Drills;

/// <summary>
/// The embedded database has no room, its process is killed with a log that is not folded in, a second process wants it, and its file
/// cannot be written: nothing acknowledged is lost, the file stays whole, and each time it is said what is wrong.
/// </summary>
internal static class SqliteDrill
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(15);

    /// <summary>For a process to start and say something, or to end: how soon is not what this is about, and the machine may be busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        await using DrillGround ground = await DrillGround.StartAsync(settings with { Sqlite = true }, new GroundPlan { Rate = settings.Short ? 150 : 300, OutlivesFileLimits = true }, cancel);
        await ground.UntilAcknowledgedAsync(settings.Traces(500), TimeSpan.FromSeconds(30), cancel);
        TimeSpan back = await FillAsync(ground, TimeSpan.FromSeconds(settings.Short ? 1 : 20), cancel);
        await ground.UntilAcknowledgedAsync(settings.Traces(500), TimeSpan.FromSeconds(30), cancel);

        string log = Path.Combine(ground.Server.DataFolder, "llmeval.db-wal");
        long unfolded = new FileInfo(log).Length;
        ground.Server.Kill();
        await ground.Server.StartAsync(cancel);
        await ground.UntilAcknowledgedAsync(settings.Traces(500), TimeSpan.FromSeconds(30), cancel);
        await CheckWholeAsync(ground, cancel);

        await RefuseSecondAsync(ground, cancel);
        await ground.UntilAcknowledgedAsync(settings.Traces(200), TimeSpan.FromSeconds(30), cancel);
        string readOnly = await ForbidWritingAsync(ground, cancel);
        await ground.UntilAcknowledgedAsync(settings.Traces(500), TimeSpan.FromSeconds(30), cancel);
        string found = await ground.SettleAsync(cancel);
        await CheckWholeAsync(ground, cancel);
        LoadResult load = await ground.Loading;
        BenchFailure.Unless(load.Statuses.Keys.All(s => s is 200 or 503), $"answers other than 200 and 503: {load.StatusText}");
        return $"no room: 503, reads answered, traces taken again {back.TotalSeconds:0.0} s after; killed with {unfolded / 1e6:0.0} MB of log; a second process refused; read-only: {readOnly}; "
            + $"integrity_check ok. {found}";
    }

    /// <summary>No file of the process may grow past a few pages: what a full disk does, without one.</summary>
    private static async Task<TimeSpan> FillAsync(DrillGround ground, TimeSpan duration, CancellationToken cancel)
    {
        using var http = new HttpClient { BaseAddress = ground.Server.Url, Timeout = Recovery };
        Libc.LimitFileSize(ground.Server.ProcessId, 64 * 1024);
        try
        {
            long began = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(began) < duration)
            {
                var trace = new { trace_id = "no-room", model_name = "gpt-4", user_query = "Is there room?", ai_response = "No." };
                using HttpResponseMessage refused = await http.PostAsJsonAsync("/webhook/trace", trace, cancel);
                BenchFailure.Unless(refused.StatusCode == HttpStatusCode.ServiceUnavailable, $"a trace was answered with {(int)refused.StatusCode} while there was no room");
                using HttpResponseMessage list = await http.GetAsync(new Uri("/api/traces?limit=5", UriKind.Relative), cancel);
                BenchFailure.Unless(list.IsSuccessStatusCode, $"GET /api/traces answered {(int)list.StatusCode} while there was no room");
                await Task.Delay(100, cancel);
            }
        }
        finally
        {
            Libc.LimitFileSize(ground.Server.ProcessId, null);
        }

        long freed = Stopwatch.GetTimestamp();
        await ground.UntilAcknowledgedAsync(1, Recovery, cancel);
        return Stopwatch.GetElapsedTime(freed);
    }

    private static async Task RefuseSecondAsync(DrillGround ground, CancellationToken cancel)
    {
        using ServerProcess second = ServerProcess.Product(
            ground.Scratch, "second", [new("LlmEval__DataFolder", ground.Server.DataFolder)]);
        second.Begin();
        BenchFailure.Unless(await second.Process.WaitForExitAsync(Patience), "a second process runs on the same file");
        BenchFailure.Unless(
            second.Process.ExitCode != 0 && second.Process.ReadLog().Contains("another LlmEval", StringComparison.Ordinal),
            $"a second process ended with {second.Process.ExitCode} and did not say why:\n{second.Process.LastWords()}");
        cancel.ThrowIfCancellationRequested();
    }

    /// <returns>What the server does meanwhile.</returns>
    private static async Task<string> ForbidWritingAsync(DrillGround ground, CancellationToken cancel)
    {
        ServerProcess server = ground.Server;
        BenchFailure.Unless(await server.StopAsync(Patience) is not null, "the server does not end");
        string[] files = Directory.GetFiles(server.DataFolder, "llmeval.db*");
        Array.ForEach(files, file => File.SetUnixFileMode(file, UnixFileMode.UserRead));

        // Root may write whatever a file's mode says, unless it gives that right away.
        server.Through = Libc.EffectiveUser() == 0 ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : [];
        server.Begin();
        bool ended = false;
        for (var waited = Stopwatch.StartNew(); !ended && !SaysItIsReadOnly(server) && waited.Elapsed < Patience;)
        {
            ended = await server.Process.WaitForExitAsync(TimeSpan.FromSeconds(.2));
        }

        BenchFailure.Unless(SaysItIsReadOnly(server), $"the server does not say that its file cannot be written:\n{server.Process.LastWords()}");
        Array.ForEach(files.Where(File.Exists).ToArray(), file => File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite));
        if (ended)
        {
            await server.StartAsync(cancel);
            return "the server says so and ends";
        }

        await server.WaitUntilReadyAsync(Patience, cancel);
        return "the server says so, is not ready, and is as soon as it may write";
    }

    private static bool SaysItIsReadOnly(ServerProcess server)
    {
        string said = server.Process.ReadLog();
        return new[] { "readonly", "read-only", "cannot be written" }.Any(words => said.Contains(words, StringComparison.OrdinalIgnoreCase));
    }

    private static async Task CheckWholeAsync(DrillGround ground, CancellationToken cancel)
    {
        IReadOnlyList<string> answer = await ground.ListAsync("PRAGMA integrity_check", cancel);
        BenchFailure.Unless(answer is ["ok"], $"integrity_check: {string.Join(", ", answer.Take(5))}");
    }
}
