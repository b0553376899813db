using System.Diagnostics;
using System.Text;
using System.Text.Json;
using LlmEval.Bench.Ledgers;
using LlmEval.Bench.Load;
using LlmEval.Bench.Machine;
using LlmEval.Bench.Runs;
using LlmEval.Bench.Streams;
using LlmEval.Bench.Watching;
using Npgsql;

namespace LlmEval.Bench.Drills;

/// <summary>
/// Three replicas behind nginx, as <c>deploy/</c> has them. One after another is killed under load: nothing that was acknowledged is
/// lost, every stream goes on elsewhere within seconds, reviewers go on, and a page that is open at each of them shows what comes. At last
/// all are killed.
/// </summary>
internal static class NginxDrill
{
    private const string Database = "drill";
    private const int Replicas = 3;

    private static readonly TimeSpan Resumed = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The machine has three servers, a database and a proxy to run, and one of them starts: a pause is not all the kill's.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>All of them, from their start; where each has a core to start on.</summary>
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(10);

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        BenchFailure.Unless(!settings.Sqlite, "replicas share a PostgreSQL");
        await using TestBed bed = await TestBed.StartAsync(settings.Arguments, big: false, redis: true, cancel, migrate: false);
        await bed.Postgres.CreateDatabaseAsync(Database);
        ServerProcess[] replicas = [.. Enumerable.Range(1, Replicas).Select(i => bed.Replica($"replica-{i}", Database))];
        try
        {
            // All at once, on an empty database: one makes the tables, the others wait for it.
            await Task.WhenAll(replicas.Select(r => r.StartAsync(cancel)));
            using PrivateNginx proxy = await PrivateNginx.StartAsync(bed.Scratch, [.. replicas.Select(r => r.Port)], cancel);
            return await RunAsync(settings, bed, replicas, proxy, cancel);
        }
        finally
        {
            foreach (ServerProcess replica in replicas)
            {
                replica.Dispose();
            }
        }
    }

    private static async Task<string> RunAsync(
        DrillSettings settings, TestBed bed, ServerProcess[] replicas, PrivateNginx proxy, CancellationToken cancel)
    {
        using var ledger = new Ledger(bed.Scratch.Sub("ledger.txt"));
        using var fleet = new SseFleet(_ => proxy.Port, reconnects: true);
        using var load = new LoadGenerator(new LoadPlan
        {
            Ports = [proxy.Port],
            Bodies = new TraceBodies(256),
            Connections = settings.Short ? 8 : 32,
            Rate = settings.Short ? 100 : null,
            Retry = true,
            Ledger = ledger,
        });
        await using ReplicaPages? pages = settings.Short ? null : await ReplicaPages.OpenAsync(proxy.Url, Replicas);
        fleet.Start();
        await fleet.ConnectAsync(settings.Short ? 6 : 24, cancel);
        Task<LoadResult> loading = load.RunAsync(cancel);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var ann = new ApiReviewer(proxy.Url, "ann", new Random(1));
        using var bob = new ApiReviewer(proxy.Url, "bob", new Random(2));
        ApiReviewer[] reviewers = [ann, bob];
        Task reviewing = Task.WhenAll(reviewers.Select(r => r.RunAsync(enough.Token)));
        try
        {
            int times = settings.Times(brief: 1, whole: 6);
            var slowest = TimeSpan.Zero;
            for (int i = 0; i < times; i++)
            {
                await UntilAcknowledgedAsync(load, loading, settings.Random.Next(settings.Traces(500), settings.Traces(3_000)), cancel);
                TimeSpan took = await KillAsync(bed, replicas[i % Replicas], fleet, load, loading, settings.Traces(200), cancel);
                slowest = took > slowest ? took : slowest;
                await (pages?.ShowAsync(cancel) ?? Task.CompletedTask);
                await replicas[i % Replicas].StartAsync(cancel);
            }

            await UntilAcknowledgedAsync(load, loading, settings.Traces(1_000), cancel);
            await enough.CancelAsync();
            await reviewing;
            string all = settings.Short ? "" : await KillAllAsync(replicas, load, loading, cancel);
            load.Stop();
            LoadResult result = await loading;
            foreach ((string id, string content) in pages?.Sent ?? [])
            {
                ledger.Attempt(Encoding.ASCII.GetBytes(id), Encoding.ASCII.GetBytes(content));
                ledger.Acknowledge(Encoding.ASCII.GetBytes(id));
            }

            string found = await SettleAsync(bed, replicas, fleet, ledger, result, cancel);
            string judged = await CheckVerdictsAsync(bed, reviewers);
            return $"one of three killed {times} times; every stream had all events again at most {slowest.TotalSeconds:0.00} s later{all}{(pages is null ? "" : "; a page at each replica showed what came after each kill")}; "
                + $"{judged}. {found}";
        }
        finally
        {
            load.Stop();
            await enough.CancelAsync();
            await Task.WhenAll(loading.ContinueWith(_ => { }, TaskScheduler.Default), reviewing.ContinueWith(_ => { }, TaskScheduler.Default));
        }
    }

    private static async Task<string> KillAllAsync(ServerProcess[] replicas, LoadGenerator load, Task<LoadResult> loading, CancellationToken cancel)
    {
        foreach (ServerProcess replica in replicas)
        {
            replica.Kill();
        }

        TimeSpan[] took = await Task.WhenAll(replicas.Select(r => r.StartAsync(cancel)));
        TimeSpan ready = took.Max();
        BenchFailure.Unless(ready <= ReadyWithin || Environment.ProcessorCount < Replicas, $"the replicas were ready only {ready.TotalSeconds:0.0} s after their start");
        await UntilAcknowledgedAsync(load, loading, 500, cancel);
        return $"; all three killed at once, ready {ready.TotalSeconds:0.0} s after their start";
    }

    /// <returns>How long it took until every reader had what was taken in after the kill.</returns>
    private static async Task<TimeSpan> KillAsync(
        TestBed bed, ServerProcess victim, SseFleet fleet, LoadGenerator load, Task<LoadResult> loading, long more, CancellationToken cancel)
    {
        long killed = Stopwatch.GetTimestamp();
        victim.Kill();
        await UntilAcknowledgedAsync(load, loading, more, cancel);
        long head = await bed.Postgres.ScalarAsync<long>(Database, "SELECT last_id FROM event_head");
        await fleet.UntilAllHaveAsync(head, Resumed - Stopwatch.GetElapsedTime(killed), cancel);
        return Stopwatch.GetElapsedTime(killed);
    }

    private static async Task UntilAcknowledgedAsync(LoadGenerator load, Task<LoadResult> loading, long more, CancellationToken cancel)
    {
        long goal = load.Acknowledged + more;
        long began = Stopwatch.GetTimestamp();
        while (load.Acknowledged < goal)
        {
            BenchFailure.Unless(load.Surprise is null, load.Surprise ?? "");
            BenchFailure.Unless(!loading.IsCompleted, "the load ended by itself");
            BenchFailure.Unless(Stopwatch.GetElapsedTime(began) < Patience, $"not {more} traces acknowledged within {Patience.TotalSeconds:0} s");
            await Task.Delay(10, cancel);
        }
    }

    private static async Task<string> SettleAsync(
        TestBed bed, ServerProcess[] replicas, SseFleet fleet, Ledger ledger, LoadResult load, CancellationToken cancel)
    {
        BenchFailure.Unless(load.Surprise is null, $"{load.Surprise} (answers: {load.StatusText})");
        BenchFailure.Unless(load.Unanswered.Count == 0, $"{load.Unanswered.Count} requests were never answered");
        ledger.Flush();
        await using var database = new NpgsqlConnection(bed.Postgres.ConnectionString(Database) + ";Pooling=false");
        string found = await LedgerCheck.RunAsync(ledger.Path, database, cancel);
        long head = await bed.Postgres.ScalarAsync<long>(Database, "SELECT last_id FROM event_head");
        await fleet.UntilAllHaveAsync(head, TimeSpan.FromSeconds(15), cancel);
        foreach (SseClient client in fleet.Clients)
        {
            // More, when an alert is cleared meanwhile. That each follows the one before, the client has seen to.
            BenchFailure.Unless(
                client.Events >= head - client.FirstPosition,
                $"a reader took {client.Events} events from {client.FirstPosition} to {head}");
        }

        long stored = await bed.Postgres.ScalarAsync<long>(Database, "SELECT count(*) FROM traces");
        foreach (ServerProcess replica in replicas)
        {
            using var http = new HttpClient();
            using JsonDocument stats = JsonDocument.Parse(await http.GetStringAsync(new Uri(replica.Url, "/webhook/stats"), cancel));
            long says = stats.RootElement.GetProperty("total_traces").GetInt64();
            long pending = stats.RootElement.GetProperty("pending_evaluation").GetInt64();
            long unjudged = await bed.Postgres.ScalarAsync<long>(Database, "SELECT count(*) FROM traces WHERE status IN (0, 1)");
            BenchFailure.Unless(pending == unjudged, $"a replica counts {pending} traces that wait for a verdict, {unjudged} do");
            BenchFailure.Unless(says == stored, $"a replica counts {says} traces, {stored} are stored");
        }

        return $"{found}; {fleet.Clients.Count} readers over {fleet.Clients.Sum(c => c.Connections)} connections saw each event once, in "
            + $"order; answers {load.StatusText}";
    }

    private static async Task<string> CheckVerdictsAsync(TestBed bed, ApiReviewer[] reviewers)
    {
        foreach (ApiReviewer reviewer in reviewers)
        {
            string ids = string.Join(',', reviewer.Judged.Select(id => $"'{id}'"));
            long stored = await bed.Postgres.ScalarAsync<long>(
                Database, $"SELECT count(DISTINCT trace_id) FROM evaluations WHERE evaluator = '{reviewer.Name}' AND trace_id IN ({ids})");
            BenchFailure.Unless(
                stored == reviewer.Judged.Count, $"of {reviewer.Judged.Count} confirmed verdicts of {reviewer.Name} {stored} are stored");
            BenchFailure.Unless(
                reviewer.LongestPause < LongestPause, $"{reviewer.Name} could not judge for {reviewer.LongestPause.TotalSeconds:0.0} s");
        }

        return $"{reviewers.Length} reviewers gave {reviewers.Sum(r => r.Judged.Count):N0} verdicts, all stored, never more than "
            + $"{reviewers.Max(r => r.LongestPause).TotalSeconds:0.0} s apart";
    }
}
