using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using Npgsql;

namespace LlmEval.Bench.Drills;

/// <summary>
/// PostgreSQL takes 20 connections and two servers with pools of 30 each want more; then somebody else takes all there are. Everybody is
/// answered, if with a 503, nobody hangs, and it is over when connections are free again.
/// </summary>
internal static class ConnectionsDrill
{
    private const int MostConnections = 20;
    private const string User = "app";

    private static readonly TimeSpan Answered = TimeSpan.FromSeconds(15);
    private static readonly string[] Paths = ["/api/traces?limit=50", "/webhook/stats", "/api/traces?status=pending&limit=20", "/webhook/health"];

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        BenchFailure.Unless(!settings.Sqlite, "this drill is about PostgreSQL");
        var plan = new GroundPlan { Rate = 200, PostgresConnections = MostConnections, PostgresUser = User };
        await using DrillGround ground = await DrillGround.StartAsync(settings, plan, cancel);
        PrivatePostgres postgres = ground.Bed!.Postgres;
        using ServerProcess second = ground.Bed.With(
            "second", DrillGround.Database, [new("DATABASE_URL", postgres.Url(DrillGround.Database, postgres.Port, User))]);
        await second.StartAsync(cancel);
        await ground.UntilAcknowledgedAsync(500, TimeSpan.FromSeconds(30), cancel);
        ServerProcess[] servers = [ground.Server, second];
        TimeSpan moment = TimeSpan.FromSeconds(settings.Short ? 2 : 20);
        string crowded = await AskAsync(servers, moment, cancel);

        List<NpgsqlConnection> taken = await TakeAllAsync(postgres, cancel);
        string none;
        try
        {
            none = await AskAsync(servers, moment, cancel);
        }
        finally
        {
            foreach (NpgsqlConnection connection in taken)
            {
                await connection.DisposeAsync();
            }
        }

        long freed = Stopwatch.GetTimestamp();
        await ground.UntilAcknowledgedAsync(1, Answered, cancel);
        TimeSpan took = Stopwatch.GetElapsedTime(freed);
        await ground.UntilAcknowledgedAsync(500, TimeSpan.FromSeconds(30), cancel);
        string found = await ground.SettleAsync(cancel);
        LoadResult load = await ground.Loading;
        BenchFailure.Unless(load.Statuses.Keys.All(s => s is 200 or 503), $"answers other than 200 and 503: {load.StatusText}");
        BenchFailure.Unless(load.BrokenConnections == 0, $"{load.BrokenConnections} connections broke instead of being answered");
        return $"{MostConnections} connections for two pools of 30: reads {crowded}; none: reads {none}; traces taken again {took.TotalSeconds:0.0} s after they were free. {found}";
    }

    /// <summary>Many readers at once; each has to be answered.</summary>
    private static async Task<string> AskAsync(ServerProcess[] servers, TimeSpan duration, CancellationToken cancel)
    {
        const int readers = 40;
        var statuses = new ConcurrentDictionary<int, int>();
        using var http = new HttpClient { Timeout = Answered };
        long began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, readers).Select(async reader =>
        {
            for (int i = reader; Stopwatch.GetElapsedTime(began) < duration; i++)
            {
                var address = new Uri(servers[i % servers.Length].Url, Paths[i / servers.Length % Paths.Length]);
                try
                {
                    using HttpResponseMessage answer = await http.GetAsync(address, cancel);
                    BenchFailure.Unless(
                        answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"GET {address.PathAndQuery} answered {(int)answer.StatusCode}");
                    statuses.AddOrUpdate((int)answer.StatusCode, 1, (_, count) => count + 1);
                }
                catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
                {
                    throw new BenchFailure($"GET {address.PathAndQuery} was not answered within {Answered.TotalSeconds:0} s");
                }
            }
        }));
        return string.Join(", ", statuses.OrderBy(s => s.Key).Select(s => $"{s.Key}: {s.Value:N0}"));
    }

    /// <summary>Ends the servers' connections and takes every one that becomes free.</summary>
    private static async Task<List<NpgsqlConnection>> TakeAllAsync(PrivatePostgres postgres, CancellationToken cancel)
    {
        string asApp = new NpgsqlConnectionStringBuilder(postgres.ConnectionString(DrillGround.Database)) { Username = User, Pooling = false }.ConnectionString;
        var taken = new List<NpgsqlConnection>();
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(2))
        {
            var connection = new NpgsqlConnection(asApp);
            try
            {
                await connection.OpenAsync(cancel);
                taken.Add(connection);
            }
            catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.TooManyConnections)
            {
                await connection.DisposeAsync();
                await postgres.ExecuteAsync(
                    "postgres", $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{User}' AND application_name = 'LlmEval'");
            }
        }

        return taken;
    }
}
