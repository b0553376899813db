using LlmEval.Bench.Load;

namespace LlmEval.Bench.Drills;

/// <summary>
/// Two servers write over many connections, and one of those after another is ended by PostgreSQL, whatever it was about to do; mostly one
/// in the middle of a statement, as who holds the event counter is. The log stays without a gap, and nothing is lost or stored twice.
/// </summary>
internal static class WritersDrill
{
    // Never our own, and of the others one that is at work, or any.
    private const string End = """
        SELECT count(pg_terminate_backend(pid)) FROM (
            SELECT pid FROM pg_stat_activity
            WHERE datname = 'drill' AND backend_type = 'client backend' AND pid <> pg_backend_pid()
            ORDER BY {0} random() LIMIT 1) AS victim
        """;

    public static async Task<string> RunAsync(DrillSettings settings, CancellationToken cancel)
    {
        BenchFailure.Unless(!settings.Sqlite, "an embedded database has one writer");
        await using DrillGround ground = await DrillGround.StartAsync(settings, new GroundPlan { Servers = 2, Rate = settings.BriefRate }, cancel);
        await ground.UntilAcknowledgedAsync(settings.Traces(1_000), TimeSpan.FromSeconds(30), cancel);
        int times = settings.Times(brief: 12, whole: 120);
        long ended = 0;
        for (int i = 0; i < times; i++)
        {
            string first = i % 4 == 0 ? "" : "(state = 'active' OR wait_event_type IS NOT NULL AND state LIKE 'idle in%') DESC,";
            ended += await ground.CountAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, End, first), cancel);
            await Task.Delay(settings.Random.Next(20, settings.Short ? 200 : 500), cancel);
        }

        BenchFailure.Unless(ended > 0, "no connection was there to be ended");
        await ground.UntilAcknowledgedAsync(settings.Traces(1_000), TimeSpan.FromSeconds(30), cancel);
        string found = await ground.SettleAsync(cancel);
        LoadResult load = await ground.Loading;
        BenchFailure.Unless(load.Statuses.Keys.All(s => s is 200 or 503), $"answers other than 200 and 503: {load.StatusText}");
        BenchFailure.Unless(load.BrokenConnections == 0, $"{load.BrokenConnections} connections broke instead of being answered");
        return $"{ended} connections of two servers were ended by the database. {found}";
    }
}
